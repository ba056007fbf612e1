import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { findExecutable, runCommand } from './run-command.mjs';

const libraryFolders = () => {
  const folders = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/local/lib64', '/opt/homebrew/opt/openssl@3/lib'];
  if (existsSync('/usr/lib')) {
    for (const name of readdirSync('/usr/lib')) if (name.includes('-linux-')) folders.push(`/usr/lib/${name}`);
  }
  return folders;
};
const hasLibrary = (...files) =>
  libraryFolders().some((folder) => files.some((file) => existsSync(`${folder}/${file}`)));
const hasCommand = (...names) => names.some((name) => findExecutable(name) !== undefined);
const hasClangRuntime = () =>
  existsSync('/usr/lib') &&
  readdirSync('/usr/lib')
    .filter((name) => name.startsWith('llvm-'))
    .some((name) => existsSync(`/usr/lib/${name}/lib/clang`) && /fuzzer/.test(listDeep(`/usr/lib/${name}/lib/clang`)));
const hasPythonModules = (...names) =>
  spawnSync('python3', ['-c', `import ${names.join(', ')}`], { stdio: 'ignore' }).status === 0;
/** OpenSSL's build uses what some distributions keep apart from perl itself. */
const hasPerl = () => {
  const modules = ['FindBin', 'IPC::Cmd', 'File::Compare', 'Time::Piece'].map((name) => `-M${name}`);
  return spawnSync('perl', [...modules, '-e', '1'], { stdio: 'ignore' }).status === 0;
};
const listDeep = (folder) => readdirSync(folder, { recursive: true }).join('\n');

/**
 * What the system must or may offer. Each is looked for by what it provides, so that other distributions work too.
 * `package` is Debian's name; `optional` says what is lost without it.
 */
const requirements = {
  cmake: { package: 'cmake', present: () => hasCommand('cmake') },
  compiler: { package: 'g++', present: () => hasCommand('g++', 'clang++', 'c++') },
  perl: { package: 'perl', present: hasPerl },
  make: { package: 'make', present: () => hasCommand('gmake', 'make') },
  libvpx: { package: 'libvpx-dev', present: () => hasLibrary('libvpx.a', 'libvpx.so') },
  speexdsp: { package: 'libspeexdsp-dev', present: () => hasLibrary('libspeexdsp.a', 'libspeexdsp.so') },
  // Other processors' assembly is the compiler's.
  nasm: { package: 'nasm', present: () => process.arch !== 'x64' || hasCommand('nasm') },
  meson: { package: 'meson', present: () => hasCommand('meson') },
  ninja: { package: 'ninja-build', present: () => hasCommand('ninja'), optional: 'make builds instead, more slowly' },
  ccache: { package: 'ccache', present: () => hasCommand('ccache'), optional: 'rebuilds compile everything again' },
  googletest: { package: 'libgtest-dev', present: () => hasLibrary('libgtest.a') },
  coturn: {
    package: 'coturn',
    present: () => hasCommand('turnserver'),
    optional: 'tests against a TURN server are skipped',
  },
  iproute: {
    package: 'iproute2',
    present: () => hasCommand('ip'),
    optional: 'tests between network namespaces are skipped',
  },
  nftables: {
    package: 'nftables',
    present: () => hasCommand('nft'),
    optional: 'tests behind NATs of network namespaces are skipped',
  },
  chromium: {
    package: 'chromium',
    present: () => hasCommand('chromium', 'chromium-browser', 'google-chrome'),
    optional: 'tests in Chromium are skipped',
  },
  firefox: {
    package: 'firefox-esr',
    present: () => hasCommand('firefox-esr', 'firefox'),
    optional: 'tests in Firefox are skipped',
  },
  openssl: {
    package: 'libssl-dev',
    present: () => hasLibrary('libssl.so') && hasLibrary('libcrypto.so'),
    optional: 'the agent on str0m, which is linked with it, cannot be built',
  },
  ffmpeg: {
    package: 'ffmpeg',
    present: () => hasCommand('ffmpeg'),
    optional: 'tests of media with pion and str0m, and of files through FFmpeg, are skipped',
  },
  janus: { package: 'janus', present: () => hasCommand('janus'), optional: 'tests against Janus are skipped' },
  pythonVenv: {
    package: 'python3-venv',
    present: () => hasCommand('python3') && hasPythonModules('venv', 'ensurepip'),
    optional: 'tests against aiortc are skipped',
  },
  clangFormat: {
    package: 'clang-format',
    present: () => hasCommand('clang-format'),
    optional: 'the layout of C++ files is not checked',
  },
  clang: { package: 'clang', present: () => hasCommand('clang++') },
  clangRuntime: { package: 'libclang-rt-14-dev', present: hasClangRuntime },
};

const build = ['cmake', 'compiler', 'perl', 'make', 'libvpx', 'speexdsp', 'nasm', 'meson', 'ninja', 'ccache'];
const purposes = {
  start: build,
  prebuild: build,
  test: [
    ...build,
    'googletest',
    'coturn',
    'iproute',
    'nftables',
    'chromium',
    'firefox',
    'openssl',
    'ffmpeg',
    'janus',
    'pythonVenv',
  ],
  lint: ['clangFormat'],
  sanitize: [...build, 'googletest', 'clang', 'clangRuntime'],
};

/** Names of the purposes `setup --for` knows. */
export const setupPurposes = Object.keys(purposes);

/** The requirements of a purpose that this system lacks. */
export function missingRequirements(purpose) {
  return purposes[purpose]
    .map((name) => ({ name, ...requirements[name] }))
    .filter((requirement) => !requirement.present());
}

function isDebianLike() {
  if (!findExecutable('apt-get') || !existsSync('/etc/os-release')) return false;
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/** How this process may install packages: a command prefix, or the reason why it may not. */
async function installRight() {
  if (!isDebianLike()) return { reason: 'this system is not Debian or Ubuntu' };
  if (process.getuid() === 0) return { prefix: [] };
  if (!findExecutable('sudo')) return { reason: 'that needs root, and there is no sudo' };
  try {
    await runCommand('sudo', ['-n', 'true']);
    return { prefix: ['sudo', '-n'] };
  } catch {
    return { reason: 'that needs root, and sudo asks for a password' };
  }
}

/*
 * policy-rc.d keeps packages from starting services while they are installed (coturn's would listen on all addresses);
 * a service that did not exist before stays switched off for the next boot too.
 */
const installScript = `
set -e
export DEBIAN_FRONTEND=noninteractive
if [ ! -e /usr/sbin/policy-rc.d ]; then
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
fi
apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
for package in "$@"; do
  case "$package" in coturn | janus)
    if [ -d /run/systemd/system ]; then systemctl disable --now "$package" || true; fi
  esac
done
`;

/**
 * Installs Debian packages without asking anything. Package lists are fetched only when the first try fails.
 * Resolves to undefined, or to the reason why they could not be installed.
 */
export async function installPackages(packages) {
  const right = await installRight();
  if (right.reason) return right.reason;
  const [command, ...args] = [...right.prefix, 'sh', '-c', installScript, 'install', ...packages];
  try {
    await runCommand(command, args);
    return undefined;
  } catch {
    // Old or absent package lists are the usual cause.
  }
  try {
    const [update, ...updateArgs] = [...right.prefix, 'apt-get', 'update', '-q'];
    await runCommand(update, updateArgs);
    await runCommand(command, args);
    return undefined;
  } catch (error) {
    const lines = (error.output ?? '').split('\n').filter((line) => line.startsWith('E: '));
    return lines.at(-1) ?? error.message;
  }
}
