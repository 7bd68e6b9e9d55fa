import assert from "node:assert/strict";
import fc from "fast-check";
import * as v from "valibot";
import { EnvelopeError, ItemError, SourceError } from "../errors.ts";
import { CORPUS, type CorpusMail } from "../../test/fixtures/mails/corpus.ts";
import {
  attached,
  base64,
  ENVELOPE,
  mail,
  octets,
  part,
  PDF,
  TEXT,
} from "../../test/fixtures/mails/build.ts";
import { documentsOptions, type MailStream, takeApart, type TakenMail } from "./mod.ts";

interface Taken {
  readonly name: string;
  readonly type: string | undefined;
  readonly content: Uint8Array;
}

/** A stream of the octets, cut into chunks of the given length. */
function streamOf(bytes: Uint8Array<ArrayBuffer>, chunkBytes = 65_536): MailStream {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += chunkBytes));
    },
  }, { highWaterMark: 0 });
}

function optionsOf(options: Readonly<Record<string, unknown>> = {}) {
  return v.parse(documentsOptions, options);
}

/** Documents of up to `wholeBytes` are asked for whole. */
async function readAll(taken: TakenMail, wholeBytes?: number): Promise<Taken[]> {
  const documents: Taken[] = [];
  for await (const document of taken.documents()) {
    const { name, type } = document;
    const whole = wholeBytes === undefined ? undefined : await document.whole?.(wholeBytes);
    const content = whole ?? new Uint8Array(await new Response(document.content).arrayBuffer());
    assert.equal(whole !== undefined, wholeBytes !== undefined && content.length <= wholeBytes);
    documents.push({ name, type, content });
  }
  return documents;
}

async function take({ raw, options }: CorpusMail, chunkBytes?: number): Promise<[Taken[], TakenMail]> {
  const taken = await takeApart(() => Promise.resolve(streamOf(octets(raw), chunkBytes)), optionsOf(options));
  return [await readAll(taken), taken];
}

/** The same mail given as it is, in memory. */
async function takeWhole({ raw, options }: CorpusMail, wholeBytes: number): Promise<[Taken[], TakenMail]> {
  const taken = await takeApart(() => Promise.resolve(octets(raw)), optionsOf(options));
  return [await readAll(taken, options?.["take"] === "message" ? undefined : wholeBytes), taken];
}

/** Documents whose content is left open in the corpus are mails within mails: they stand in the raw mail. */
function assertDocuments(documents: readonly Taken[], { raw, documents: expected = [] }: CorpusMail): void {
  assert.deepEqual(documents.map((document) => document.name), expected.map(([name]) => name));
  for (const [index, [name, content]] of expected.entries()) {
    const found = new TextDecoder("latin1").decode(documents[index]?.content);
    const bytes = documents[index]?.content ?? new Uint8Array();
    if (name.endsWith(".eml") && content === "") {
      assert.ok(bytes.length > 0 && raw.includes(String.fromCharCode(...bytes)), found);
    } else {
      assert.deepEqual(bytes, new Uint8Array(octets(content)), name);
    }
  }
}

Deno.test("takeApart() gives the documents of every mail of the corpus, whole or however it is cut into chunks", async (t) => {
  for (const one of CORPUS) {
    await t.step(one.rule, async () => {
      const sizes = one.raw.length > 100_000 ? [65_536, 1000] : [65_536, 1, 7, 100];
      const ways = [...sizes.map((size) => () => take(one, size))];
      for (const size of [0, 20, Infinity]) ways.push(() => takeWhole(one, size));
      for (const way of ways) {
        if (one.damage !== undefined) {
          await assert.rejects(way(), (error) => {
            assert.ok(error instanceof EnvelopeError, String(error));
            assert.match(error.message, one.damage ?? /^$/);
            return true;
          });
          continue;
        }
        const [documents, taken] = await way();
        assertDocuments(documents, one);
        if (one.types !== undefined) assert.deepEqual(documents.map((document) => document.type), one.types);
        if (one.leftOut !== undefined) assert.deepEqual(taken.leftOut.map((left) => left.name), one.leftOut);
      }
    });
  }
});

Deno.test("takeApart() decodes the headers, each on one line", async () => {
  const raw = part([
    "FROM: =?utf-8?q?Ren=C3=A9e_D?=",
    " =?utf-8?q?upont?= <r@b.example>",
    "To: a@b.example,",
    "\tc@d.example",
    "Subject: =?iso-8859-1?q?R=E9f=E9rence?= 12/2024 =?utf-8?b?4oKs?=",
    "Subject: second",
    "Date: Tue, 12 Mar 2024 10:00:00 +0100 (heure (de) Paris)",
    "Message-ID:",
    " <x@y.example>",
  ], "");
  await using taken = await takeApart(streamOf(octets(raw)), optionsOf());
  assert.deepEqual(taken.headers, {
    from: "Renée Dupont <r@b.example>",
    to: "a@b.example, c@d.example",
    subject: "Référence 12/2024 €",
    date: new Date("2024-03-12T09:00:00Z"),
    messageId: "<x@y.example>",
  });
});

Deno.test("takeApart() makes do with missing and odd headers", async (t) => {
  const cases: [string, object][] = [
    ["Date: hier\r\n\r\n", { from: "", to: "", subject: "" }],
    ["Date: 12\r\nSubject:\r\n\r\n", { from: "", to: "", subject: "" }],
    ["Subject: \xe9t\xe9\x00\r\n\r\n", { from: "", to: "", subject: "été" }],
    ["Content-Type: text/plain; charset=koi8-r\r\nSubject: \xc4\xc1\r\n\r\n", {
      from: "",
      to: "",
      subject: "да",
    }],
    ["Subject: =?utf-8?q?a=0D=0ABcc:_x?=\r\n\r\n", { from: "", to: "", subject: "a Bcc: x" }],
    ["Sender: a@b.example\r\n\r\n", { from: "a@b.example", to: "", subject: "" }],
  ];
  for (const [raw, headers] of cases) {
    await t.step(JSON.stringify(raw), async () => {
      await using taken = await takeApart(streamOf(octets(raw)), optionsOf());
      assert.deepEqual(taken.headers, headers);
    });
  }
});

Deno.test("a .eml is named by the subject, without folders and not too long", async (t) => {
  const cases: [string, string][] = [
    ["Facture 12/2024", "Facture 12-2024.eml"],
    [String.raw`..\..\x`, "..-..-x.eml"],
    ["", "message.eml"],
    ["x".repeat(300), `${"x".repeat(100)}.eml`],
  ];
  for (const [subject, name] of cases) {
    await t.step(name, async () => {
      const raw = octets(part([`Subject: ${subject}`], "Bonjour"));
      const [document] = await readAll(await takeApart(streamOf(raw), optionsOf({ take: "message" })));
      assert.equal(document?.name, name);
      assert.deepEqual(document?.content, new Uint8Array(raw));
    });
  }
});

Deno.test("take = both needs a source that can be opened twice", async () => {
  await assert.rejects(takeApart(streamOf(octets("")), optionsOf({ take: "both" })), TypeError);
  await assert.rejects(takeApart(streamOf(octets("")), optionsOf({ without: "deliver" })), TypeError);
});

Deno.test("a mail that turns out larger than max_mail_size is refused, and one that takes too long tried again", async (t) => {
  const raw = octets(mail([part(attached("a.bin"), base64("x".repeat(100_000)))]));
  const limited = async (limits: Readonly<Record<string, unknown>>, stream: MailStream) =>
    await readAll(await takeApart(stream, optionsOf(limits)));
  await t.step("within", async () => {
    const whole = { max_mail_size: `${raw.length}`, max_mail_time: "1h" };
    assert.equal((await limited(whole, streamOf(raw))).length, 1);
  });
  await t.step("oversized", async () => {
    const beyond = limited({ max_mail_size: `${raw.length - 1}` }, streamOf(raw));
    await assert.rejects(
      beyond,
      (error) => error instanceof EnvelopeError && /max_mail_size/.test(error.message),
    );
  });
  await t.step("too slow", async () => {
    const chunks = streamOf(raw, 1000).pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          for (const start = performance.now(); performance.now() - start < 2;);
          controller.enqueue(chunk);
        },
      }),
    );
    const beyond = limited({ max_mail_time: "20ms" }, chunks);
    await assert.rejects(
      beyond,
      (error) => error instanceof ItemError && /max_mail_time/.test(error.message),
    );
  });
});

Deno.test("documents() can be called once", async () => {
  await using taken = await takeApart(streamOf(octets("")), optionsOf());
  assert.deepEqual(await readAll(taken), []);
  assert.throws(() => taken.documents(), TypeError);
});

Deno.test("a document may be cancelled, and the next one is still there", async () => {
  const big = base64("x".repeat(500_000));
  const raw = octets(mail([part(attached("a.bin"), big), part(attached("b.pdf"), base64(PDF))]));
  const names: string[] = [];
  for await (const document of (await takeApart(streamOf(raw, 1000), optionsOf())).documents()) {
    names.push(document.name);
    const reader = document.content.getReader();
    if (document.name === "a.bin") await reader.read();
    await reader.cancel();
  }
  assert.deepEqual(names, ["a.bin", "b.pdf"]);
});

Deno.test("a document that was not read errors once the next is asked for", async () => {
  const raw = octets(
    mail([part(attached("a.pdf"), base64(PDF.repeat(200))), part(attached("b.pdf"), base64(PDF))]),
  );
  const taken = await takeApart(streamOf(raw, 100), optionsOf());
  const documents = taken.documents()[Symbol.asyncIterator]();
  const first = await documents.next();
  const second = await documents.next();
  await assert.rejects(new Response(first.value?.content).arrayBuffer(), TypeError);
  assert.equal((await new Response(second.value?.content).text()).length, PDF.length);
  assert.equal((await documents.next()).done, true);
});

Deno.test("leaving early cancels the source", async (t) => {
  const raw = octets(
    mail([TEXT, part(attached("a.pdf"), base64(PDF.repeat(100_000))), part(attached("b.pdf"), "")]),
  );
  const leave: Record<string, (taken: TakenMail) => Promise<void>> = {
    "after the headers": async (taken) => await taken[Symbol.asyncDispose](),
    "at a document": async (taken) => {
      for await (const _ of taken.documents()) break;
    },
    "within a document": async (taken) => {
      for await (const { content } of taken.documents()) {
        await content.getReader().read();
        break;
      }
    },
  };
  for (const take of ["attachments", "message"]) {
    for (const [when, act] of Object.entries(leave)) {
      await t.step(`${when}, take = ${take}`, async () => {
        let cancelled = false;
        let at = 0;
        const source: MailStream = new ReadableStream({
          pull: (controller) => controller.enqueue(raw.slice(at, at += 1000)),
          cancel: () => {
            cancelled = true;
          },
        }, { highWaterMark: 0 });
        await act(await takeApart(source, optionsOf({ take })));
        assert.ok(cancelled && at < raw.length);
      });
    }
  }
});

Deno.test("an error of the source passes through as it is, wherever it strikes", async (t) => {
  const raw = octets(
    mail([TEXT, part(attached("a.pdf"), base64(PDF.repeat(50))), part(attached("b.pdf"), base64(PDF))]),
  );
  const failure = new SourceError("unreachable", "Cannot read the mail: connection reset");
  for (const take of ["attachments", "message"]) {
    for (let length = 0; length < raw.length; length += 97) {
      await t.step(`take = ${take}, after ${length} octets`, async () => {
        let sent = false;
        const source: MailStream = new ReadableStream({
          pull(controller) {
            if (sent || length === 0) return controller.error(failure);
            sent = true;
            controller.enqueue(raw.slice(0, length));
          },
        }, { highWaterMark: 0 });
        await assert.rejects(
          async () => await readAll(await takeApart(source, optionsOf({ take }))),
          (error) => error === failure,
        );
      });
    }
  }
});

Deno.test("a damaged document errors in its content and again in documents()", async () => {
  const raw = octets(mail([part(attached("a.pdf"), `${base64(PDF.repeat(100))}***`)]));
  const documents = (await takeApart(streamOf(raw, 500), optionsOf())).documents()[Symbol.asyncIterator]();
  const { value } = await documents.next();
  await assert.rejects(new Response(value?.content).arrayBuffer(), EnvelopeError);
  await assert.rejects(documents.next(), EnvelopeError);
});

Deno.test("takeApart() never throws anything but EnvelopeError, whatever became of a mail", async () => {
  const seeds = CORPUS.filter((one) => one.raw.length < 20_000);
  const junk = fc.oneof(
    fc.constantFrom(
      "\r\n",
      "\n",
      "--",
      "=",
      "\0",
      "\xff",
      ";",
      '"',
      "=?utf-8?q?",
      "*0*=",
      "begin 644 x\r\n",
      ":",
      "boundary=",
      "%",
    ),
    fc.string({ maxLength: 5 }),
  );
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(40),
    insert: junk,
  });
  const options = fc.record({
    take: fc.constantFrom("attachments", "message", "both"),
    without: fc.constantFrom("skip", "deliver", "quarantine"),
    attached_messages: fc.constantFrom("keep", "open"),
    inline_images: fc.boolean(),
    min_image_size: fc.constantFrom("0", "2 KB"),
    signed: fc.constantFrom("open", "keep"),
  });
  const property = fc.asyncProperty(
    fc.constantFrom(...seeds),
    fc.array(edit, { maxLength: 6 }),
    options,
    fc.integer({ min: 1, max: 300 }),
    async ({ raw }, edits, chosen, chunkBytes) => {
      let text = raw;
      for (const { at, remove, insert } of edits) {
        const start = Math.floor(at * text.length);
        text = text.slice(0, start) + insert + text.slice(start + remove);
      }
      try {
        await take({ rule: "", raw: text, options: chosen }, chunkBytes);
      } catch (error) {
        assert.ok(error instanceof EnvelopeError, error instanceof Error ? error.stack : String(error));
      }
    },
  );
  await fc.assert(property, { numRuns: 1500 });
});

Deno.test("a mail gives the same documents however it is cut into chunks", async () => {
  const seeds = CORPUS.filter((one) => one.damage === undefined && one.raw.length < 10_000);
  const property = fc.asyncProperty(
    fc.constantFrom(...seeds),
    fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 }),
    async (one, lengths) => {
      const bytes = octets(one.raw);
      const open = () => {
        let at = 0;
        let turn = 0;
        return Promise.resolve(
          new ReadableStream<Uint8Array<ArrayBuffer>>({
            pull(controller) {
              if (at >= bytes.length) return controller.close();
              controller.enqueue(bytes.slice(at, at += lengths[turn++ % lengths.length] ?? 1));
            },
          }, { highWaterMark: 0 }),
        );
      };
      assertDocuments(await readAll(await takeApart(open, optionsOf(one.options))), one);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

Deno.test("a cut mail of attachments never passes for whole", async () => {
  const raw = octets(part(
    [...ENVELOPE, 'Content-Type: multipart/mixed; boundary="fin"'],
    [
      `--fin\r\n${TEXT}\r\n`,
      `--fin\r\n${part(attached("a.pdf"), base64(PDF))}\r\n`,
      "--fin--\r\n",
    ].join(""),
  ));
  const headers = new TextDecoder().decode(raw).indexOf("\r\n\r\n");
  for (let length = headers + 4; length < raw.length - 2; length++) {
    const taken = await takeApart(streamOf(raw.slice(0, length)), optionsOf());
    await assert.rejects(readAll(taken), EnvelopeError, `cut after ${length} octets`);
  }
});

Deno.test("a document without end is never read ahead", async () => {
  const header = mail([part(attached("a.bin"), "")]).split("\r\n").slice(0, -3).join("\r\n");
  const chunk = octets(base64("x".repeat(57 * 1000)));
  let chunks = 0;
  const source: MailStream = new ReadableStream({
    pull: (controller) => controller.enqueue(chunks++ === 0 ? octets(`${header}\r\n`) : chunk.slice()),
  }, { highWaterMark: 0 });
  for await (const { content } of (await takeApart(source, optionsOf())).documents()) {
    const reader = content.getReader();
    for (let piece = 0; piece < 100; piece++) assert.ok(((await reader.read()).value?.length ?? 0) <= 60_000);
    assert.ok(chunks < 105, `${chunks} chunks for 100 pieces`);
    break;
  }
});
