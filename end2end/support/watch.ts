// What no page may do, whatever the walk is about: write errors or warnings to the console, throw, panic, break the
// content security policy, ask somebody else's server, get an error from ours, lose a request.

import type { BrowserContext, Request } from "@playwright/test";

export class Watch {
  private readonly seen: string[] = [];
  private readonly allowed: RegExp[] = [];

  constructor(private readonly javaScript: boolean) {}

  /** What this walk causes on purpose: `404 GET http://…`, `console error: …`. */
  allow(problem: RegExp): void {
    this.allowed.push(problem);
  }

  get problems(): string[] {
    return this.seen.filter((problem) => !this.allowed.some((allowed) => allowed.test(problem)));
  }

  async over(context: BrowserContext, own: () => string): Promise<void> {
    context.on("console", (message) => {
      const text = message.text();
      if (["error", "warning"].includes(message.type()) && !this.isKnown(text)) {
        this.seen.push(`console ${message.type()}: ${text} (${message.location().url})`);
      }
    });
    context.on("weberror", (error) => this.seen.push(`thrown: ${error.error().message}`));
    context.on("page", (page) => page.on("crash", () => this.seen.push(`crashed: ${page.url()}`)));
    context.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(own()) && !url.startsWith("data:")) this.seen.push(`asked elsewhere: ${url}`);
      if (url.endsWith("/csp-report")) this.seen.push(`content security policy: ${request.postData()}`);
    });
    context.on("response", (response) => {
      if (response.status() >= 400) {
        this.seen.push(`${response.status()} ${response.request().method()} ${response.url()}`);
      }
    });
    context.on("requestfailed", (request) => {
      if (!wasLeft(request) && !this.isForWasm(request)) this.seen.push(`failed: ${request.method()} ${request.url()} ${request.failure()?.errorText}`);
    });
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
      });
    });
  }

  /** Leptos puts no nonce on what it preloads, so the browser stops it where no script with a nonce asks again. */
  private isForWasm(request: Request): boolean {
    return !this.javaScript && request.failure()?.errorText === "csp" && /\/signalbox(-areas)?\.js$/.test(request.url());
  }

  private isKnown(text: string): boolean {
    // Answers with an error status are looked at as answers.
    if (text.startsWith("Failed to load resource: the server responded")) return true;
    // Without JavaScript nobody uses what the page preloads for Wasm.
    return !this.javaScript && text.includes("was preloaded using link preload but not used");
  }
}

/** The page it was for was left: the live stream closes, a list that is being fetched is no longer wanted. */
function wasLeft(request: Request): boolean {
  return request.failure()?.errorText === "net::ERR_ABORTED";
}
