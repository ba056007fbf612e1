'use strict';
// A worker with a connected pair on the addon alone: sends for ever, until somebody ends it.
const { parentPort, workerData } = require('node:worker_threads');

const found = { exports: {} };
process.dlopen(found, workerData.addon);
const addon = found.exports;
const ICE_CANDIDATE = 3;
const ICE_STATE = 1;
const SCTP_STATE = 20;
const SCTP_STRING = 21;
const CERTIFICATE = 31;
const options = require('../support/native-ice-options.json');
const targets = new Map();
let received = 0;

function stack(certificate, name) {
  const local = {
    usernameFragment: `${name}${workerData.serial}`,
    password: 'abcdefghijklmnopqrstuv01',
    iceLite: false,
  };
  const ice = new addon.IceTransport(options, local);
  const dtls = new addon.DtlsTransport(ice, certificate, { offerSrtp: true, verifyFingerprints: true });
  const sctp = new addon.SctpAssociation(dtls, { localPort: 5000, remotePort: 5000, maxReceiveMessageSize: 262144 });
  return { local, ice, dtls, sctp, certificate };
}

function join(one, other, controlling) {
  targets.set(one.ice.id, (kind, value) => {
    if (kind === ICE_CANDIDATE) other.ice.addRemoteCandidate(value);
    else if (kind === ICE_STATE) parentPort.postMessage(`ice ${value}`);
  });
  targets.set(one.sctp.id, (kind, value) => {
    if (kind === SCTP_STATE && value.state === 'connected') {
      parentPort.postMessage('connected');
      for (let i = 0; i < 100; i += 1) one.sctp.send(0, 51, true, 0, -1, 'ball');
    } else if (kind === SCTP_STRING) {
      received += 1;
      if (received % 1000 === 0) parentPort.postMessage('busy');
      one.sctp.send(0, 51, true, 0, -1, value);
    }
  });
  one.ice.setRemoteParameters(other.local);
  one.ice.gather();
  one.ice.start(controlling ? 'controlling' : 'controlled');
  one.dtls.start(controlling ? 'client' : 'server', [other.certificate.fingerprint('sha-256')]);
  one.sctp.start();
}

addon.setDispatcher((id, kind, number, value) => {
  if (kind !== CERTIFICATE) {
    targets.get(id)?.(kind, value);
    return;
  }
  const a = stack(value, 'a');
  const b = stack(value, 'b');
  join(a, b, true);
  join(b, a, false);
});
addon.setKeepAlive(true);
addon.generateCertificate(
  { keyType: 'ecdsa-p256', rsaModulusBits: 2048, rsaPublicExponent: 65537, expiresInMs: 1e9 },
  1,
);
