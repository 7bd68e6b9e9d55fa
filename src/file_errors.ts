/** Errors of the file system that are no failures, told apart where Deno has no class for them. */

/** Whether a rename was refused because it would lead to another volume. */
export function isOtherVolume(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Windows: ERROR_NOT_SAME_DEVICE, which has no POSIX code.
  return ("code" in error && error.code === "EXDEV") ||
    (Deno.build.os === "windows" && error.message.includes("os error 17)"));
}

/** For what may be gone already: throws every other error again. */
export function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
