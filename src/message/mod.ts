/** A mail taken apart: its headers, and the documents in it. */
export { headersOfBlock, type MailHeaders } from "./headers.ts";
export { type DocumentsOptions, documentsOptions } from "./options.ts";
export { extensionFor } from "./sniff.ts";
export { type MailSource, takeApart, type TakenMail } from "./take_apart.ts";
export { type LeftOut, reasonAgainstImage } from "./taking.ts";
export type { MailStream } from "./whole_mail.ts";
