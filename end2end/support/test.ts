// What every walk is given: a server of its own file, people in front of browsers, and the watch over all of them.

import { test as base, expect } from "@playwright/test";
import { Api } from "./api";
import { PASSWORD } from "./people";
import { Person } from "./person";
import { Server } from "./server";
import { Watch } from "./watch";

export interface Options {
  /** Flags of the server. Also keeps files apart: a file with flags, or a name, of its own shares its server with none. */
  flags: readonly string[];
  serverOf: string;
}

interface Given {
  watch: Watch;
  /** A browser of somebody who is not signed in. */
  visitor: () => Promise<Person>;
  /** A browser of somebody who is signed in. */
  as: (email: string) => Promise<Person>;
  api: (email: string) => Promise<Api>;
}

export const test = base.extend<Given, Options & { server: Server }>({
  flags: [[], { option: true, scope: "worker" }],
  serverOf: ["everybody", { option: true, scope: "worker" }],

  server: [
    async ({ flags, serverOf: _ }, use) => {
      const server = await Server.start(flags);
      await use(server);
      await server.end();
    },
    { scope: "worker", timeout: 90_000 },
  ],

  baseURL: async ({ server }, use) => use(server.url),

  watch: async ({ javaScriptEnabled }, use) => {
    const watch = new Watch(javaScriptEnabled);
    await use(watch);
    expect(watch.problems, "what pages may never do").toEqual([]);
  },

  visitor: async ({ browser, server, watch, javaScriptEnabled }, use) => {
    const contexts: { close(): Promise<void> }[] = [];
    await use(async () => {
      const context = await browser.newContext({ baseURL: server.url });
      contexts.push(context);
      await watch.over(context, () => server.url);
      return new Person(await context.newPage(), javaScriptEnabled);
    });
    for (const context of contexts) await context.close();
  },

  as: async ({ visitor, server }, use) => {
    await use(async (email) => {
      const person = await visitor();
      const answer = await person.page.request.post(`${server.url}/login`, {
        form: { email, password: PASSWORD },
        headers: { origin: server.url },
        maxRedirects: 0,
      });
      expect(answer.headers().location, `${email} signs in`).not.toContain("/login");
      return person;
    });
  },

  api: async ({ server }, use) => {
    const opened: Api[] = [];
    await use(async (email) => {
      const api = await Api.of(server, email);
      opened.push(api);
      return api;
    });
    for (const api of opened) await api.end();
  },
});

export { expect };
