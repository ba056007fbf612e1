/** Two hosts with a link between them: network namespaces and a veth pair, for which one has to be root on Linux. */
import { spawnSync } from 'node:child_process';

const names = [`pwbench${process.pid}a`, `pwbench${process.pid}b`];

function run(command) {
  const { status, stderr, error } = spawnSync('sh', ['-ec', command], { encoding: 'utf8' });
  if (status !== 0) throw new Error(error?.message ?? stderr.trim());
}

/** The way to run a command on each host, and their addresses; throws where there are no namespaces. */
export function buildVethPair(mtu = 1500) {
  const addresses = ['10.79.0.1', '10.79.0.2'];
  try {
    names.forEach((name) => run(`ip netns add ${name}`));
    run(`ip -n ${names[0]} link add eth0 type veth peer name eth0 netns ${names[1]}`);
    names.forEach((name, index) =>
      run(`
        ip -n ${name} addr add ${addresses[index]}/24 dev eth0
        ip -n ${name} link set lo up
        ip -n ${name} link set eth0 mtu ${mtu} up`),
    );
  } catch (error) {
    destroyVethPair();
    throw error;
  }
  return { addresses, prefixes: names.map((name) => ['ip', 'netns', 'exec', name]) };
}

export function destroyVethPair() {
  for (const name of names) spawnSync('ip', ['netns', 'del', name]);
}
