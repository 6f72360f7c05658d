// Runs once before all walks: makes the demo's fleet in a database that every server begins with a copy of.
// Each of them could make its own, but that is seconds each time.

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server, TEMPLATE } from "./server";

export default async function prepare(): Promise<() => void> {
  delete process.env[TEMPLATE];
  const server = await Server.start();
  // Ended in order, so that everything is in the one file.
  await server.kill("SIGTERM");
  const folder = mkdtempSync(join(tmpdir(), "signalbox-template-"));
  const template = join(folder, "template.db");
  copyFileSync(server.database, template);
  await server.end();
  process.env[TEMPLATE] = template;
  return () => rmSync(folder, { recursive: true, force: true });
}
