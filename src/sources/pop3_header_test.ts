import assert from "node:assert/strict";
import { headerDate, identifyingHeader } from "./pop3_header.ts";

Deno.test("identifyingHeader() leaves out what servers change, and everything after the header", () => {
  const header = "Subject: a\r\n folded\r\nMessage-ID: <1>\r\n";
  const changed = "X-UIDL: 3\r\n" + header + "Status: RO\r\nX-Mozilla-Status: 0001\r\nContent-Length: 9\r\n";
  assert.equal(identifyingHeader(changed), identifyingHeader(`${header}\r\nbody: x\r\n`));
  assert.notEqual(identifyingHeader(header), identifyingHeader(header.replace("<1>", "<2>")));
});

Deno.test("headerDate() takes the topmost Received, else Date, else nothing", async (t) => {
  const cases: [string, string | undefined][] = [
    [
      "Received: from a (b; c) by d;\r\n\tTue, 1 Oct 2024 10:00:00 +0200 (CEST)\r\nDate: x\r\n",
      "2024-10-01T08:00:00.000Z",
    ],
    ["DATE: 2 Oct 2024 10:00 GMT\r\n\r\nReceived: x; 3 Oct 2024 10:00 GMT\r\n", "2024-10-02T10:00:00.000Z"],
    ["Received: nothing here\r\nDate: 2 Oct 2024 10:00 GMT\r\n", "2024-10-02T10:00:00.000Z"],
    ["Date: soon\r\n", undefined],
    ["", undefined],
  ];
  for (const [header, expected] of cases) {
    await t.step(JSON.stringify(header), () => assert.equal(headerDate(header)?.toISOString(), expected));
  }
});
