/** What an envelope may not exceed. Anything beyond is an `EnvelopeError`, never a full disk or memory. */

/**
 * Files in one envelope, embedded ones included, unless told otherwise (`documents.max_envelope_files`). A PES of 150 MB,
 * more than tools of this chain take, has so many if an attachment is 3 KB of text on average; the decoder needs about
 * 3 KB of memory for each.
 */
export const MAX_FILES = 50_000;
/** More than that the decoder's memory, and what it answers with, do not hold. */
export const MAX_FILES_EVER = 100_000;

/** Octets of all files that come out of one envelope. Tools of this chain refuse a PES above 128 to 150 MB. */
export const MAX_TOTAL_BYTES = 2 * 1024 ** 3;

/** Times that a compressed file may grow, once it is past `RATIO_FREE_BYTES`; dull XML stays under 100. */
export const MAX_RATIO = 200;

/** Octets below which growth is not looked at. */
export const RATIO_FREE_BYTES = 16 * 1024 ** 2;

/** Directories within directories. */
export const MAX_DEPTH = 8;

/** Octets of a metadata file or of a message that is read whole. */
export const MAX_MESSAGE_BYTES = 10 * 1024 ** 2;
