#!/usr/bin/env node
/**
 * Writes the descriptions that a browser gives in each of browser-scenarios.mjs: `node browser.mjs <command> <folder>`, for
 * example `node browser.mjs chromium chromium-156`. The browser is started without a driver: its page comes to us.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeSession } from './write-session.mjs';

const [command, implementation] = process.argv.slice(2);
if (!implementation) throw new Error('usage: node browser.mjs <command> <folder>');

const page = `<!doctype html><title>descriptions</title><script type="module">
  import { run, scenarios } from './browser-scenarios.mjs';
  const results = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    results[name] = await run(scenario).catch((error) => String(error));
  }
  await fetch('/results', { method: 'POST', body: JSON.stringify(results) });
</script>`;

const profile = mkdtempSync(join(tmpdir(), 'descriptions-'));
const server = createServer(async (request, response) => {
  if (request.method === 'POST') {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.end();
    server.emit('results', JSON.parse(body));
    return;
  }
  const isScript = request.url === '/browser-scenarios.mjs';
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
  response.end(isScript ? readFileSync(fileURLToPath(new URL('browser-scenarios.mjs', import.meta.url))) : page);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const url = `http://127.0.0.1:${server.address().port}/`;
const isFirefox = command.includes('firefox');
if (isFirefox) writeFileSync(join(profile, 'user.js'), 'user_pref("browser.aboutwelcome.enabled", false);\n');
const options = isFirefox
  ? ['--headless', '--no-remote', '--profile', profile]
  : ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`];
const child = spawn(command, [...options, url], { stdio: 'ignore', env: { ...process.env, HOME: profile } });
try {
  const [results] = await once(server, 'results');
  for (const [scenario, descriptions] of Object.entries(results)) {
    if (typeof descriptions === 'string') console.log(`${implementation} has no ${scenario}: ${descriptions}`);
    else writeSession(implementation, scenario, descriptions);
  }
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
  server.closeAllConnections();
  server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
