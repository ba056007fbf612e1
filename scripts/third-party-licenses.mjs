#!/usr/bin/env node
/** Writes THIRD_PARTY_LICENSES: what the addon has linked into it, with versions and licence texts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const output = join(root, 'THIRD_PARTY_LICENSES');
const libdatachannel = join(root, 'native', 'vendor', 'crates', 'datachannel-sys', 'libdatachannel');
const usage = `usage: node scripts/third-party-licenses.mjs [--check]

Writes THIRD_PARTY_LICENSES from the vendored sources and the system's packages.
  --check   write nothing; fail when the file is not what would be written`;

const read = (...parts) => readFileSync(join(...parts), 'utf8').trim();

function usrsctpVersion() {
  return /version: '([^']+)'/.exec(read(libdatachannel, 'deps', 'usrsctp', 'meson.build'))[1];
}

function libsrtpVersion() {
  return /project\(libsrtp2 VERSION ([\d.]+)/.exec(read(libdatachannel, 'deps', 'libsrtp', 'CMakeLists.txt'))[1];
}

/** The series only: security updates of the distribution do not change the licence. */
function opensslVersion() {
  const header = execFileSync('openssl', ['version'], { encoding: 'utf8' });
  return /OpenSSL (\d+\.\d+)/.exec(header)[1];
}

const opus = join(root, 'native', 'vendor', 'crates', 'opusic-sys', 'opus');

function opusVersion() {
  return /PACKAGE_VERSION="([^"]+)"/.exec(read(opus, 'package_version'))[1];
}

/** Of Debian's copyright file, what concerns the library: its holders and the licence's text. */
function speexdspLicense() {
  const sections = readFileSync('/usr/share/doc/libspeexdsp-dev/copyright', 'utf8').split(/\n{2,}/);
  const holders = sections.find((section) => section.startsWith('Files: *'));
  const text = sections.find((section) => section.startsWith('License: BSD-3-Clause\n'));
  return `${holders}\n\n${text}`.replace(/\t/g, ' ').trim();
}

function nodeAddonApi() {
  const folder = join(root, 'node_modules', 'node-addon-api');
  return { version: JSON.parse(read(folder, 'package.json')).version, text: read(folder, 'LICENSE.md') };
}

function parts() {
  const addonApi = nodeAddonApi();
  return [
    {
      title: `usrsctp ${usrsctpVersion()}`,
      note: 'BSD-3-Clause. From the crate datachannel-sys, version and checksum in native/vendor/Cargo.lock.',
      text: read(libdatachannel, 'deps', 'usrsctp', 'LICENSE.md'),
    },
    {
      title: `libsrtp ${libsrtpVersion()}`,
      note: 'BSD-3-Clause. From the same crate; its list of streams is replaced by ours.',
      text: read(libdatachannel, 'deps', 'libsrtp', 'LICENSE'),
    },
    {
      title: `OpenSSL ${opensslVersion()}`,
      note: 'Apache-2.0. Copyright (c) 1998-2023 The OpenSSL Project Authors. https://www.openssl.org',
      text: readFileSync('/usr/share/common-licenses/Apache-2.0', 'utf8').trim(),
    },
    {
      title: `Opus ${opusVersion()}`,
      note: 'BSD-3-Clause. From the crate opusic-sys, version and checksum in native/vendor/Cargo.lock.',
      text: read(opus, 'COPYING'),
    },
    {
      title: 'SpeexDSP 1.2',
      note: 'BSD-3-Clause. The resampler, from the distribution. https://gitlab.xiph.org/xiph/speexdsp',
      text: speexdspLicense(),
    },
    { title: `node-addon-api ${addonApi.version}`, note: 'MIT. Headers, compiled in.', text: addonApi.text },
    {
      title: 'GCC runtime libraries (libstdc++, libgcc)',
      note:
        'GPL-3.0-or-later with the GCC Runtime Library Exception 3.1, under which a program may be conveyed with them\n' +
        'linked in, on terms of its own choice. https://gcc.gnu.org/onlinedocs/libstdc++/manual/license.html',
      text: '',
    },
  ];
}

function compose() {
  const line = '='.repeat(100);
  const sections = parts().map(({ title, note, text }) => `${line}\n${title}\n${note}\n${text ? `\n${text}\n` : ''}`);
  return `peerwire's native addon contains these works of others.\n\n${sections.join('\n')}`.replace(/[ \t]+$/gm, '');
}

function main(args) {
  if (args.includes('--help')) {
    console.log(usage);
    return;
  }
  const text = compose();
  if (!args.includes('--check')) {
    writeFileSync(output, text);
    console.log(`third-party-licenses: ${Buffer.byteLength(text)} octets written`);
    return;
  }
  let current = '';
  try {
    current = readFileSync(output, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  if (current !== text) throw new Error('THIRD_PARTY_LICENSES is out of date: npm run licenses');
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`third-party-licenses: ${error.message}`);
  process.exitCode = 1;
}
