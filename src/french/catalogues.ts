/** Every catalogue. */
import { CONFIG } from "./config.ts";
import { DELIVERY } from "./delivery.ts";
import { DESCRIPTIONS } from "./descriptions.ts";
import { ENVELOPES } from "./envelopes.ts";
import { FILTER } from "./filter.ts";
import { MAIL } from "./mail.ts";
import { OPTIONS } from "./options.ts";
import { RUNNING } from "./running.ts";
import { SOURCES } from "./sources.ts";
import { STUNNEL } from "./stunnel.ts";
import { SYSTEM } from "./system.ts";
import type { Catalogue } from "./translator.ts";
import { TUNNEL } from "./tunnel.ts";
import { WORDS } from "./words.ts";

/** What our own sources say: a test holds these to them, sentence by sentence. */
export const OWN_CATALOGUES: readonly Catalogue[] = [
  CONFIG,
  DELIVERY,
  DESCRIPTIONS,
  ENVELOPES,
  FILTER,
  MAIL,
  OPTIONS,
  RUNNING,
  SOURCES,
  STUNNEL,
  TUNNEL,
  WORDS,
];

/** All that is said in French. */
export const CATALOGUES: readonly Catalogue[] = [...OWN_CATALOGUES, SYSTEM];

/** Those of what people write into files. */
export const ABOUT_CODE: readonly Catalogue[] = [CONFIG, DESCRIPTIONS, OPTIONS, STUNNEL];
