/** The signals that mean "end": which of them a system has is tried, not assumed. */

/** Ctrl+C, a service manager, Ctrl+Break of Windows. */
const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGBREAK"] as const;

/**
 * Calls `handler` at each signal that asks the process to end, until disposed. Windows has no SIGTERM, other systems no
 * SIGBREAK: what cannot be listened for is left out.
 */
export function onSignals(
  handler: () => void,
  signals: readonly Deno.Signal[] = STOP_SIGNALS,
): Disposable & { readonly signals: readonly Deno.Signal[] } {
  const heard = signals.filter((signal) => {
    try {
      Deno.addSignalListener(signal, handler);
      return true;
    } catch (error) {
      if (error instanceof TypeError || error instanceof Deno.errors.NotSupported) return false;
      throw error;
    }
  });
  return {
    signals: heard,
    [Symbol.dispose]() {
      for (const signal of heard) Deno.removeSignalListener(signal, handler);
    },
  };
}
