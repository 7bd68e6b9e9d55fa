/** What is wrong with an XML document; the file is named where it is known. The message quotes nothing of the text. */
export class XmlFault extends Error {
  /** How many octets stand before the fault, where that helps to find it. */
  readonly offset: number | undefined;

  constructor(state: string, options: ErrorOptions & { readonly offset?: number } = {}) {
    super(state, options);
    this.offset = options.offset;
  }
}
