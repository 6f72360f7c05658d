// What every answer must carry, as a browser gets it: policy, headers, no inline style or script, assets that may be
// kept, and the weight of a first visit.

import { views } from "../support/pages";
import type { Person } from "../support/person";
import { ADMIN, RELEASE_MANAGER, SUPPORT } from "../support/people";
import { expect, test } from "../support/test";

test.use({ serverOf: "security" });

const KB = 1024;
const FIRST_LOAD_MAX = 350 * KB;
const HTML_MAX = 40 * KB;

test("every page: policy with a nonce, headers, nothing inline", async ({ server, visitor, as, watch }) => {
  test.setTimeout(120_000);
  watch.allow(/^40[34] GET /);
  const all = await views(server);
  const people = new Map<string | undefined, Person>();
  const nonces = new Set<string>();
  for (const view of all) {
    const person = people.get(view.who) ?? (view.who === undefined ? await visitor() : await as(view.who));
    people.set(view.who, person);
    const answer = await person.page.request.get(view.path);
    const html = await answer.text();
    const headers = answer.headers();
    expect(answer.status(), view.name).toBe(view.status ?? 200);

    const policy = headers["content-security-policy"] ?? "";
    const nonce = /'nonce-([\w-]{20,})'/.exec(policy)?.[1] ?? "";
    expect(nonces, `${view.name}: a new nonce`).not.toContain(nonce);
    nonces.add(nonce);
    expect(policy, view.name).toContain("default-src 'none'");
    expect(policy, view.name).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
    const scripts = html.match(/<script\b[^>]*>/g) ?? [];
    expect(scripts.length, view.name).toBeGreaterThan(0);
    for (const script of scripts) expect(script, view.name).toContain(`nonce="${nonce}"`);

    expect(headers, view.name).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cache-control": "no-store",
    });
    const elements = html.replace(/<script\b[\s\S]*?<\/script>/g, "");
    expect(elements, view.name).not.toMatch(/<[^>]+\sstyle=/);
    expect(elements, view.name).not.toMatch(/<[^>]+\son[a-z]+=/);
    expect(elements, view.name).not.toMatch(/<style\b|javascript:/);

    await person.page.goto(view.path);
    await person.settled();
    expect(await person.page.locator("[style]").count(), `${view.name}: style attributes once it runs`).toBe(0);
  }
});

test("every asset that a page names is there, compressed, and may be kept for ever", async ({ visitor, server }) => {
  const person = await visitor();
  const html = await (await person.page.request.get("/login")).text();
  const named = new Set([...html.matchAll(/["'(](\/(?:pkg\/|favicon)[^"')\s]+)/g)].map((match) => match[1] ?? ""));
  expect([...named].map((path) => path.split(".").pop()).sort()).toEqual(["css", "js", "js", "svg", "wasm"]);
  for (const path of named) {
    const answer = await person.page.request.get(server.url + path, { headers: { "accept-encoding": "br" } });
    const headers = answer.headers();
    expect(answer.status(), path).toBe(200);
    const kept = path.startsWith("/pkg/") ? "public, max-age=31536000, immutable" : "public, max-age=3600";
    expect(headers["cache-control"], path).toBe(kept);
    if (path.startsWith("/pkg/")) expect(headers["content-encoding"], path).toBe("br");
  }
  const wasm = [...named].find((path) => path.endsWith(".wasm")) ?? "";
  expect((await person.page.request.get(wasm)).headers()["content-type"]).toBe("application/wasm");
});

test("a first visit is light", async ({ as }) => {
  
  for (const [email, path] of [
    [ADMIN, "/notifications"],
    [ADMIN, "/calendar"],
    [SUPPORT, "/support/deployments"],
    [RELEASE_MANAGER, "/rollouts"],
  ] as const) {
    const person = await as(email);
    const network = await person.page.context().newCDPSession(person.page);
    const weights = new Map<string, number>();
    const names = new Map<string, string>();
    await network.send("Network.enable");
    network.on("Network.responseReceived", ({ requestId, response }) => names.set(requestId, response.url));
    network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => weights.set(requestId, encodedDataLength));
    await person.open(path);
    await person.page.waitForTimeout(300);
    const loaded = [...weights].map(([request, bytes]) => ({ url: names.get(request) ?? "", bytes }));
    const page = loaded.find(({ url }) => new URL(url).pathname === path);
    expect(loaded.some(({ url }) => url.endsWith(".wasm")), `${path} loads Wasm`).toBe(true);
    expect(page?.bytes ?? Infinity, `${path}: HTML`).toBeLessThanOrEqual(HTML_MAX);
    const total = loaded.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(total, `${path}: ${JSON.stringify(loaded)}`).toBeLessThanOrEqual(FIRST_LOAD_MAX);
  }
});

test("the session cookie cannot be read by scripts nor sent by other sites", async ({ as }) => {
  const person = await as(ADMIN);
  await person.open("/environments");
  expect(await person.page.evaluate(() => document.cookie)).toBe("");
  const [cookie, ...others] = await person.page.context().cookies();
  expect(others).toEqual([]);
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
});

test("a form of another site changes nothing", async ({ as, server }) => {
  const person = await as(RELEASE_MANAGER);
  for (const path of ["/logout", "/api/rollouts/halt", "/api/settings/time-zone"]) {
    const answer = await person.page.request.post(server.url + path, {
      form: { "input[time_zone]": "UTC" },
      headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    });
    expect(answer.status(), path).toBe(403);
  }
  await person.open("/rollouts");
  await expect(person.heading("Rollouts")).toBeVisible();
});

test("hostile text typed into a form is shown as text", async ({ visitor }) => {
  const person = await visitor();
  const hostile = `"><img src=x onerror=alert(1)>@x.example`;
  await person.open("/login");
  await person.signIn(hostile, "x");
  await expect(person.page.getByLabel("Email", { exact: true })).toHaveValue(hostile);
  await expect(person.page.locator("img")).toHaveCount(0);
});
