/** `[documents]` of a launcher file: what is taken out of a mail. */
import * as v from "valibot";
import { durationOption, sizeOption } from "../units.ts";

/** As many as the decoder's memory holds. */
const MOST_FILES = 100_000;
const FILES_FORM = `must be a whole number from 1 to ${MOST_FILES}`;

/** The options of `[documents]`. Sizes come out as octets. */
export const documentsOptions = v.strictObject({
  take: v.optional(
    v.pipe(
      v.picklist(["attachments", "message", "both"], 'must be "attachments", "message" or "both"'),
      v.description(
        "`attachments`: the files in a mail (default); `message`: the mail itself as an .eml file; `both`: the files, then the .eml.",
      ),
    ),
    "attachments",
  ),
  without: v.optional(
    v.pipe(
      v.picklist(["skip", "deliver", "quarantine"], 'must be "skip", "deliver" or "quarantine"'),
      v.description(
        "A mail with no file in it: `skip` it (default), `deliver` it as an .eml file, or put it into `quarantine`.",
      ),
    ),
    "skip",
  ),
  inline_images: v.optional(
    v.pipe(
      v.boolean("must be true or false"),
      v.description(
        "Whether images that are shown within the text, such as logos and signatures, are taken too; otherwise only attached ones are.",
      ),
    ),
    false,
  ),
  min_image_size: v.optional(
    v.pipe(
      sizeOption,
      v.description("Images smaller than this are left out, as they are logos and counters; `0` takes all."),
    ),
    "2 KB",
  ),
  attached_messages: v.optional(
    v.pipe(
      v.picklist(["keep", "open"], 'must be "keep" or "open"'),
      v.description(
        "Mails attached to a mail, or forwarded in it as certified mail does: `keep` each whole as an .eml file (default), or `open` it and take its files.",
      ),
    ),
    "keep",
  ),
  signed: v.optional(
    v.pipe(
      v.picklist(["open", "keep"], 'must be "open" or "keep"'),
      v.description(
        "A signed mail in one piece (S/MIME, `smime.p7m`) or a signed file (`facture.pdf.p7m`): `open` it and take what was signed (default), or `keep` it as it came. Signatures are not verified. An encrypted mail (S/MIME, OpenPGP) goes to quarantine, unless kept.",
      ),
    ),
    "open",
  ),
  winmail: v.optional(
    v.pipe(
      v.picklist(["open", "keep"], 'must be "open" or "keep"'),
      v.description(
        "A `winmail.dat`, in which Outlook packs the files of a mail: `open` it and take its files (default), or `keep` it as it came.",
      ),
    ),
    "open",
  ),
  zip: v.optional(
    v.pipe(
      v.picklist(["keep", "open"], 'must be "keep" or "open"'),
      v.description(
        "Zip archives: `keep` each as it came (default), or `open` it and take its files, those of archives within it too. The filter then applies to these. An encrypted one goes to quarantine.",
      ),
    ),
    "keep",
  ),
  factur_x: v.optional(
    v.pipe(
      v.boolean("must be true or false"),
      v.description(
        "Whether the XML within a Factur-X or ZUGFeRD invoice is delivered beside its PDF, as `NAME_factur-x.xml`. A PDF that cannot be read is delivered alone, and the report of the run says why.",
      ),
    ),
    false,
  ),
  max_opened_size: v.optional(
    v.pipe(
      sizeOption,
      v.description(
        "How much may come out of the archives and winmail.dat of one mail; beyond, it goes to quarantine.",
      ),
    ),
    "1 GB",
  ),
  max_envelope_files: v.optional(
    v.pipe(
      v.number(FILES_FORM),
      v.integer(FILES_FORM),
      v.minValue(1, FILES_FORM),
      v.maxValue(MOST_FILES, FILES_FORM),
      v.description(
        "How many files an envelope may have, those embedded in its messages included, or all envelopes of one mail together; beyond, it goes to quarantine. Each takes about 3 KB of the decoder's memory, which is 512 MB.",
      ),
    ),
    50_000,
  ),
  max_mail_size: v.optional(
    v.pipe(
      sizeOption,
      v.description("Mails larger than this are left where they are."),
    ),
    "1 GB",
  ),
  max_mail_time: v.optional(
    v.pipe(
      durationOption,
      v.description("How long fetching one mail and taking it apart may take; then it is tried again later."),
    ),
    "30m",
  ),
  envelopes: v.optional(
    v.pipe(
      v.array(
        v.picklist(
          ["acte_nature", "helios", "chorus_fact"],
          'must be "acte_nature", "helios" or "chorus_fact"',
        ),
        'must be a list, such as ["helios"]',
      ),
      v.description(
        "Kinds of envelopes that are decoded when an attached zip, tar.gz or XML file is one. Each is then delivered as those of `adullact` are: in a directory of its own, unless `deliver.group` says otherwise. The filter applies to its name.",
      ),
    ),
    [],
  ),
});

/** `[documents]`, read. */
export type DocumentsOptions = v.InferOutput<typeof documentsOptions>;
