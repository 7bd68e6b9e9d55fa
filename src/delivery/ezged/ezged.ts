import type { Destination, DestinationContext } from "../destination.ts";
export class Ezged {
  static open(_c: DestinationContext): Promise<Destination> {
    throw new TypeError("x");
  }
}
export function probe(_c: DestinationContext): Promise<void> {
  throw new TypeError("x");
}
