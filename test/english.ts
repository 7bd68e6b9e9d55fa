/** Finds English sentences in what should be French. */

/** Small words that no French sentence has. */
const WORDS =
  /\b(?:the|it|its|is|are|was|were|has|have|had|been|of|and|or|to|from|with|within|without|by|for|at|this|that|these|there|here|not|no|cannot|must|may|can|than|more|into|which|who|them|they|while|until|again|does|did|will|would|be|an|as|so|if|your|you|check|use|set|write|left)\b/gi;

/** Names and servers' words in quotation marks, and what people write into files. */
const QUOTED = /«\u00a0.*?\u00a0»|"[^"]*"|\{.*?\}|\[.*?\]|`[^`]*`|\(os error \d+\)/g;
const CODE = /\w+ = \S+|(?:Connues ici|Champs connus)\u00a0: [\w, {}]+|\S*[=_/@:.$]\S+|deno task \S+/g;

/** The English words of a text, each with what stands around it. */
export function englishIn(text: string): string[] {
  const words = text.replaceAll(QUOTED, " ").replaceAll(CODE, " ");
  return [...words.matchAll(WORDS)].map(({ index, 0: word }) =>
    `${word} (…${words.slice(Math.max(0, index - 40), index + 40).replaceAll(/\s+/g, " ")}…)`
  );
}
