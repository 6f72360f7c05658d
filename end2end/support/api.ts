// Asks the server without a page: to bring a walk to where it begins, and to look at what a page cannot show at once.

import { type APIRequestContext, request } from "@playwright/test";
import { ADMIN, OPERATOR, PASSWORD, RELEASE_MANAGER } from "./people";
import type { Server } from "./server";

/** As far as the walks look at it. */
export interface Rollout {
  id: string;
  train: string;
  state: string;
  where_text: string;
  counts: Record<"total" | "planned" | "announced" | "running" | "succeeded" | "failed" | "held" | "skipped", number>;
  stages: { title: string; state: string; counts: { succeeded: number } }[];
  timeline: { text: string }[];
}

type Fields = Record<string, string>;

export class Api {
  private constructor(
    private readonly http: APIRequestContext,
    private readonly server: Server,
  ) {}

  static async of(server: Server, email: string): Promise<Api> {
    const http = await request.newContext();
    const api = new Api(http, server);
    const answer = await http.post(`${server.url}/login`, {
      form: { email, password: PASSWORD },
      headers: api.headers,
      maxRedirects: 0,
    });
    if (answer.status() !== 303 || answer.headers().location?.startsWith("/login")) {
      throw new Error(`${email} could not sign in: ${answer.status()} ${answer.headers().location}`);
    }
    return api;
  }

  /** What a browser says about where a form comes from. */
  private get headers(): Fields {
    return { origin: this.server.url };
  }

  async get<T>(path: string, params: Fields = {}): Promise<T> {
    const answer = await this.http.get(`${this.server.url}/api/${path}`, { params });
    if (!answer.ok()) throw new Error(`GET ${path}: ${answer.status()} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** The status of a form that may be refused. */
  async tries(path: string, form: Fields): Promise<number> {
    const answer = await this.http.post(`${this.server.url}/api/${path}`, { form, headers: this.headers });
    return answer.status();
  }

  async post(path: string, form: Fields): Promise<void> {
    const answer = await this.http.post(`${this.server.url}/api/${path}`, { form, headers: this.headers });
    const body = await answer.text();
    if (!answer.ok() || !body.includes('"done"')) throw new Error(`POST ${path}: ${answer.status()} ${body}`);
  }

  async rollout(train: string): Promise<Rollout> {
    const { rows } = await this.get<{ rows: { id: string; train: string }[] }>("rollouts/list");
    const found = rows.find((row) => row.train === train);
    if (found === undefined) throw new Error(`there is no rollout of ${train}`);
    return this.get<Rollout>("rollouts/show", { "input[rollout]": found.id });
  }

  /** Ids by name. */
  async environments(): Promise<Map<string, string>> {
    const { rows } = await this.get<{ rows: { id: string; name: string }[] }>("environments/list");
    return new Map(rows.map((row) => [row.name, row.id]));
  }

  async end(): Promise<void> {
    await this.http.dispose();
  }
}

/** Lets a train begin, as the release manager would; its number is what its page needs. */
export async function startRollout(server: Server, train: string): Promise<string> {
  const api = await Api.of(server, RELEASE_MANAGER);
  const { id } = await api.rollout(train);
  await api.post("rollouts/start", { "input[rollout]": id, "input[confirmed]": "start" });
  await api.end();
  return id;
}

export async function setSpeed(server: Server, speed: string): Promise<void> {
  const api = await Api.of(server, OPERATOR);
  await api.post("demo/speed", { "input[speed]": speed });
  await api.end();
}

/** Lets a train begin, halts it and lets it go on: with the clock standing, Contoso has a message about each. */
export async function eventfulRollout(server: Server, train: string): Promise<string> {
  const admin = await Api.of(server, ADMIN);
  const before = await admin.get<{ rows: unknown[] }>("notifications/list");
  const release = await Api.of(server, RELEASE_MANAGER);
  const known = await release.rollout(train);
  if (before.rows.length > 0 && known.state === "Running") return known.id;
  const id = await startRollout(server, train);
  const letters = () => admin.get<{ rows: unknown[] }>("notifications/list");
  await until("Contoso knows of the train", 30_000, letters, ({ rows }) => rows.length > 0);
  for (const [deed, reason] of [
    ["halt", "posting fails"],
    ["resume", "the cause is known and not in this build"],
  ]) {
    await release.post(`rollouts/${deed}`, { "input[rollout]": id, "input[reason]": reason ?? "", "input[confirmed]": "yes" });
  }
  await Promise.all([admin.end(), release.end()]);
  return id;
}

/** Asks again until it holds; fails with what was found last. */
export async function until<T>(what: string, withinMs: number, ask: () => Promise<T>, holds: (found: T) => boolean): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await ask();
    if (holds(found)) return found;
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}; found ${JSON.stringify(found).slice(0, 600)}`);
    await new Promise((done) => setTimeout(done, 250));
  }
}
