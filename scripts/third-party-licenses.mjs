#!/usr/bin/env node
/** Writes THIRD_PARTY_LICENSES: what the addon has linked into it, with versions and licence texts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

const crates = join(root, 'native', 'vendor', 'crates');
const openssl = join(crates, 'openssl-src', 'openssl');
const opus = join(crates, 'opusic-sys', 'opus');
const libaom = join(crates, 'libaom-sys', 'vendor');
const dav1d = join(crates, 'libdav1d-sys', 'vendor');
const openh264 = join(crates, 'openh264-sys2', 'upstream');
const libyuv = join(crates, 'yuv-sys', 'libyuv');

/** Version and year of the vendored OpenSSL. */
function opensslRelease() {
  const text = read(openssl, 'VERSION.dat');
  const value = (name) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)[1];
  return { version: ['MAJOR', 'MINOR', 'PATCH'].map(value).join('.'), year: value('RELEASE_DATE').split(' ').at(-1) };
}

function opusVersion() {
  return /PACKAGE_VERSION="([^"]+)"/.exec(read(opus, 'package_version'))[1];
}

const libaomVersion = () => /v(\d[\d.]*)/.exec(read(libaom, 'CHANGELOG'))[1];
const dav1dVersion = () => /\n {4}version: '([^']+)'/.exec(read(dav1d, 'meson.build'))[1];
const libyuvVersion = () => /LIBYUV_VERSION (\d+)/.exec(read(libyuv, 'include', 'libyuv', 'version.h'))[1];

function openh264Version() {
  const header = read(openh264, 'codec', 'api', 'wels', 'codec_ver.h');
  return ['MAJOR', 'MINOR', 'REVISION']
    .map((part) => new RegExp(`OPENH264_${part} \\((\\d+)\\)`).exec(header)[1])
    .join('.');
}

/** The comment that a source file begins with. */
function headComment(...path) {
  const lines = read(...path).split('\n');
  const end = lines.findIndex((line, at) => at > 1 && !line.startsWith(';'));
  return lines.slice(0, end).join('\n');
}

/** Of Debian's copyright file, what concerns the library: its holders and the licence's text, and of others in it. */
function debianLicense(packageName, ...files) {
  const sections = readFileSync(`/usr/share/doc/${packageName}/copyright`, 'utf8').split(/\n{2,}/);
  const holders = ['*', ...files].map((name) => sections.find((section) => section.startsWith(`Files: ${name}`)));
  const names = new Set(holders.map((section) => /\nLicense: (\S+)/.exec(section)[1]));
  // The text stands with the files that it is for, or by itself.
  const texts = sections.filter((section) => names.has(/^License: (\S+)\n/.exec(section)?.[1]));
  const [head] = sections;
  const grant = head.includes('Patents') ? [head.slice(head.indexOf('\n Additional IP Rights'))] : [];
  return [...holders, ...texts, ...grant].join('\n\n').replace(/\t/g, ' ').trim();
}

function nodeApiHeaders() {
  const folder = join(root, 'node_modules', 'node-api-headers');
  return { version: JSON.parse(read(folder, 'package.json')).version, text: read(folder, 'LICENSE') };
}

function parts() {
  const headers = nodeApiHeaders();
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
      title: `OpenSSL ${opensslRelease().version}`,
      note:
        `Apache-2.0. Copyright (c) 1998-${opensslRelease().year} The OpenSSL Project Authors. From the crate openssl-src, version and\n` +
        'checksum in native/vendor/Cargo.lock.',
      text: read(openssl, 'LICENSE.txt'),
    },
    {
      title: `Opus ${opusVersion()}`,
      note: 'BSD-3-Clause. From the crate opusic-sys, version and checksum in native/vendor/Cargo.lock.',
      text: read(opus, 'COPYING'),
    },
    {
      title: 'SpeexDSP 1.2',
      note: 'BSD-3-Clause. The resampler, from the distribution. https://gitlab.xiph.org/xiph/speexdsp',
      text: debianLicense('libspeexdsp-dev'),
    },
    {
      title: 'libvpx 1.12',
      note: 'BSD-3-Clause, with a grant of patents. VP8 and VP9, from the distribution. https://www.webmproject.org',
      text: debianLicense('libvpx-dev', 'third_party/x86inc/'),
    },
    {
      title: `libaom ${libaomVersion()}`,
      note:
        'BSD-2-Clause, with the patent licence of the Alliance for Open Media. The AV1 encoder; from the crate\n' +
        'libaom-sys, version and checksum in native/vendor/Cargo.lock.',
      text: [
        read(libaom, 'LICENSE'),
        read(libaom, 'PATENTS'),
        ...['fastfeat', 'vector', 'x86inc'].map(
          (name) => `third_party/${name}:\n\n${read(libaom, 'third_party', name, 'LICENSE')}`,
        ),
      ].join('\n\n'),
    },
    {
      title: `dav1d ${dav1dVersion()}`,
      note: 'BSD-2-Clause. The AV1 decoder; from the crate libdav1d-sys, version and checksum in native/vendor/Cargo.lock.',
      text: `${read(dav1d, 'COPYING')}\n\n${headComment(dav1d, 'src', 'ext', 'x86', 'x86inc.asm')}`,
    },
    {
      title: `OpenH264 ${openh264Version()}`,
      note:
        'BSD-2-Clause. From the crate openh264-sys2, version and checksum in native/vendor/Cargo.lock. Built from source:\n' +
        "Cisco's payment of patent licences for H.264 covers the binaries that Cisco distributes only, not this one.",
      text: read(openh264, 'LICENSE'),
    },
    {
      title: `libyuv ${libyuvVersion()}`,
      note: 'BSD-3-Clause, with a grant of patents. From the crate yuv-sys, version and checksum in native/vendor/Cargo.lock.',
      text: `${read(libyuv, 'LICENSE')}\n\n${read(libyuv, 'PATENTS')}`,
    },
    { title: `node-api-headers ${headers.version}`, note: 'MIT. Headers, compiled in.', text: headers.text },
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
