import { createHmac, randomBytes } from 'node:crypto';

/** A Binding request (RFC 8489) with USERNAME, PRIORITY and MESSAGE-INTEGRITY, as a controlling ICE agent's. */
export function createStunRequest(username: string, password: string): Buffer {
  const attribute = (type: number, value: Buffer) => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(type, 0);
    head.writeUInt16BE(value.length, 2);
    return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
  };
  const attributes = [
    attribute(0x0006, Buffer.from(username)),
    attribute(0x0024, Buffer.from([0x6e, 0, 1, 0xff])),
    attribute(0x802a, randomBytes(8)),
  ];
  const body = Buffer.concat(attributes);
  const header = Buffer.concat([Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]), randomBytes(12)]);
  header.writeUInt16BE(body.length + 24, 2);
  const digest = createHmac('sha1', password).update(header).update(body).digest();
  return Buffer.concat([header, body, attribute(0x0008, digest)]);
}
