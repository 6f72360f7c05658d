// One private server: its own process, port and database. Killed by its own id, never by name.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const build = resolve(__dirname, "../../target");
const program = process.env.SIGNALBOX_BIN ?? join(build, "debug/signalbox");
const siteRoot = process.env.SIGNALBOX_SITE_ROOT ?? join(build, "site");

const READY_WITHIN_MS = 60_000;

/** Names the prepared database, see `template.ts`. */
export const TEMPLATE = "SIGNALBOX_TEMPLATE";

export class Server {
  /** The last address that it answered on. */
  url = "";
  /** What it wrote to stderr: shown where it does not start. */
  log = "";
  private child?: ChildProcess;

  private constructor(
    readonly folder: string,
    private readonly flags: readonly string[],
  ) {}

  /** With the demo fleet, and the clock stopped unless `flags` say otherwise: a page that stands still can be compared. */
  static async start(flags: readonly string[] = []): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), "signalbox-"));
    const server = new Server(folder, flags.includes("--demo-speed") ? flags : [...flags, "--demo-speed", "stopped"]);
    const template = process.env[TEMPLATE];
    if (template !== undefined && existsSync(template)) {
      copyFileSync(template, server.database);
    }
    await server.begin();
    return server;
  }

  get database(): string {
    return join(this.folder, "signalbox.db");
  }

  get databaseUrl(): string {
    return `sqlite:${this.database}`;
  }

  /** Starts the process; again after `kill`, on the same database. */
  async begin(flags: readonly string[] = this.flags): Promise<void> {
    const fixed = ["--demo", "--addr", "127.0.0.1:0", "--database-url", this.databaseUrl, "--site-root", siteRoot];
    // Many people sign in from one address here; what the limit does is tested over HTTP.
    const child = spawn(program, ["serve", ...fixed, "--sign-ins-per-minute", "6000", ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    child.stderr?.on("data", (text: Buffer) => (this.log += text.toString()));
    this.url = await this.announced(child);
    await this.ready();
  }

  /** As a power cut would. Only the process that was started here. */
  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill(signal);
    await ended;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Another command of the program on the same database. */
  async command(...words: string[]): Promise<{ code: number; out: string }> {
    try {
      const { stdout } = await promisify(execFile)(program, [...words, "--database-url", this.databaseUrl]);
      return { code: 0, out: stdout };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, out: stdout + stderr };
    }
  }

  /** It chooses a free port and says so. */
  private announced(child: ChildProcess): Promise<string> {
    return new Promise((done, fail) => {
      let out = "";
      const late = setTimeout(() => fail(new Error(`no server within ${READY_WITHIN_MS} ms\n${out}${this.log}`)), READY_WITHIN_MS);
      child.stdout?.on("data", (text: Buffer) => {
        out += text.toString();
        const url = /ready on (http:\S+)/.exec(out)?.[1];
        if (url === undefined) return;
        clearTimeout(late);
        done(url);
      });
      child.once("error", fail);
      child.once("exit", (code) => fail(new Error(`the server ended with ${code}\n${out}${this.log}`)));
    });
  }

  private async ready(): Promise<void> {
    const until = Date.now() + READY_WITHIN_MS;
    while (Date.now() < until) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`${this.url} is not ready\n${this.log}`);
  }
}
