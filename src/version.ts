/** Shown on the page and by `--version`. */
export const VERSION = "0.1.0";
