/** Why a mail cannot be taken apart; and how much of everything is taken from one. */
import { EnvelopeError } from "../errors.ts";

/** Multiparts and opened mails within each other; more is an attack. */
export const MAX_NESTING = 100;
/** Parts of one mail, multiparts included. */
export const MAX_PARTS = 1000;
/** Octets of the headers of the mail, or of one part. */
export const MAX_HEADER_BYTES = 1024 * 1024;
/** Octets of a boundary; RFC 2046, 5.1.1 allows 70. */
export const MAX_BOUNDARY_BYTES = 1000;

/** The error for a mail that is not whole or not within the limits; `state` says what is wrong with it. */
export function damaged(state: string, options?: ErrorOptions): EnvelopeError {
  return new EnvelopeError(`Cannot take the mail apart: ${state}`, options);
}
