import { types } from 'node:util';
import { createDOMException } from '../dom/dom-exception';
import type { NativeCertificateOptions } from '../binding/native-addon';
import * as webidl from '../webidl';

type KeyOptions = Omit<NativeCertificateOptions, 'expiresInMs'>;

/** Keys of fewer bits are refused by TLS libraries of today: who asks for them gets these. */
const MIN_RSA_BITS = 2048;
const MIN_ASKED_RSA_BITS = 1024;
const MAX_RSA_BITS = 8192;

const toAlgorithm = webidl.dictionary<{ name: string }>('Algorithm', null, [
  webidl.member('name', webidl.DOMString, { required: true }),
]);
const toEcKeyGenParams = webidl.dictionary<{ namedCurve: string }>('EcKeyGenParams', toAlgorithm, [
  webidl.member('namedCurve', webidl.DOMString, { required: true }),
]);
const toHashName: webidl.Converter<string> = (value, context) =>
  webidl.isObject(value) ? toAlgorithm(value, context).name : webidl.DOMString(value, context);
const toBigInteger: webidl.Converter<Uint8Array> = (value, context) => {
  if (!types.isUint8Array(value)) {
    throw webidl.conversionError(context, "The provided value is not of type 'Uint8Array'.");
  }
  return value;
};
const toRsaParams = webidl.dictionary<{ modulusLength: number; publicExponent: Uint8Array; hash: string }>(
  'RsaHashedKeyGenParams',
  toAlgorithm,
  [
    webidl.member('modulusLength', webidl.unsignedLongEnforceRange, { required: true }),
    webidl.member('publicExponent', toBigInteger, { required: true }),
    webidl.member('hash', toHashName, { required: true }),
  ],
);

function notSupported(context: string, reason: string): never {
  throw createDOMException(`${context}: ${reason}`, 'NotSupportedError');
}

/**
 * Normalizing an algorithm (https://w3c.github.io/webcrypto/#algorithm-normalization-normalize-an-algorithm) with the
 * algorithms that make certificates here: ECDSA on P-256, and RSASSA-PKCS1-v1_5 with SHA-256.
 */
export function normalizeKeygenAlgorithm(value: unknown, context: string): KeyOptions {
  const { name } = webidl.isObject(value) ? toAlgorithm(value, context) : { name: webidl.DOMString(value, context) };
  switch (name.toUpperCase()) {
    case 'ECDSA': {
      const { namedCurve } = toEcKeyGenParams(webidl.isObject(value) ? value : { name }, context);
      if (namedCurve !== 'P-256') notSupported(context, `the curve '${namedCurve}' is not supported, P-256 is.`);
      return { keyType: 'ecdsa-p256', rsaModulusBits: MIN_RSA_BITS, rsaPublicExponent: 65537 };
    }
    case 'RSASSA-PKCS1-V1_5': {
      const parameters = toRsaParams(webidl.isObject(value) ? value : { name }, context);
      const { modulusLength, publicExponent, hash } = parameters;
      if (hash.toUpperCase() !== 'SHA-256') notSupported(context, `the hash '${hash}' is not supported, SHA-256 is.`);
      const exponent = publicExponent.reduce((number, octet) => number * 256 + octet, 0);
      if (exponent !== 65537) notSupported(context, 'the only public exponent supported is 65537.');
      if (modulusLength < MIN_ASKED_RSA_BITS || modulusLength > MAX_RSA_BITS || modulusLength % 8 !== 0) {
        notSupported(context, `a modulus of ${modulusLength} bits is not supported.`);
      }
      return {
        keyType: 'rsa',
        rsaModulusBits: Math.max(modulusLength, MIN_RSA_BITS),
        rsaPublicExponent: 65537,
      };
    }
    default:
      return notSupported(context, `the algorithm '${name}' cannot make a certificate.`);
  }
}
