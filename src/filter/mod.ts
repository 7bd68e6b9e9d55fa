/** Which mails and documents a launcher takes. */
export { compileFilter, type Filter, type MailFacts, type Verdict } from "./filter.ts";
export { type FilterOptions, filterOptions } from "./options.ts";
