import assert from "node:assert/strict";
import * as v from "valibot";
import { ANSWERS } from "./answers.ts";
import { OPENAPI_FILE, openApiText, type Operation, OPERATIONS } from "./openapi.ts";
import { SampleView } from "./sample_view.ts";
import { SamplePage } from "./serve_sample.ts";

const NAMES: Readonly<Record<string, readonly [there: string, missing: string]>> = {
  "/api/launchers/{name}": ["actes", "nobody"],
  "/api/tunnels/{name}": ["gmail-smtp", "nobody"],
};
const ID = ["20260309-1", "nothing"] as const;

Deno.test("src/status/openapi.json is fresh (deno task reference writes it)", async () => {
  assert.equal(await Deno.readTextFile(OPENAPI_FILE), openApiText());
});

Deno.test("/api/openapi.json is the document of the repository", async () => {
  await using page = new SamplePage();
  const response = await page.fetch("/api/openapi.json");
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(await response.text(), openApiText());
});

Deno.test("every answer is as the OpenAPI document describes it", async (t) => {
  await using page = new SamplePage();
  await using closed = new SamplePage({ token: "t" });
  for (const operation of OPERATIONS) {
    const name = `${operation.method.toUpperCase()} ${operation.path}`;
    await t.step(name, async () => {
      const [there, missing] = NAMES[operation.path.replace(/\/\w+$/, "")] ?? NAMES[operation.path] ?? ID;
      await check(page, operation, operation.path.replace(/\{\w+\}/, there));
      if (operation.answers[404] && operation.path !== "/api/items/{id}/redeliver") {
        assert.equal(await check(page, operation, operation.path.replace(/\{\w+\}/, missing)), 404);
      }
      if (!/^\/(?:healthz|readyz)$/.test(operation.path)) {
        const refused = await closed.fetch(operation.path, { method: operation.method.toUpperCase() });
        assert.equal(refused.status, 401);
        v.parse(ANSWERS.Fault, await refused.json());
      }
    });
  }
});

Deno.test("a refusal is as the OpenAPI document describes it", async () => {
  const view = new SampleView();
  view.refusal = "Cannot do that: it is busy";
  await using page = new SamplePage({}, view);
  for (const operation of OPERATIONS) {
    if (operation.method === "get" || /pause|resume/.test(operation.path)) continue;
    const path = operation.path.replace(/\{\w+\}/, operation.path.includes("launchers") ? "actes" : ID[0]);
    assert.equal(await check(page, operation, path), 409, path);
  }
});

async function check(page: SamplePage, { method, answers }: Operation, path: string): Promise<number> {
  const response = await page.fetch(path, { method: method.toUpperCase() });
  const answer = answers[response.status];
  assert.ok(answer, `${path}: ${response.status} is not described`);
  const type = response.headers.get("content-type") ?? "";
  if (answer.includes("/")) {
    assert.ok(type.startsWith(answer), `${path}: ${type}`);
    await response.body?.cancel();
  } else {
    assert.match(type, /^application\/json/);
    v.parse(ANSWERS[answer as keyof typeof ANSWERS], await response.json());
  }
  return response.status;
}
