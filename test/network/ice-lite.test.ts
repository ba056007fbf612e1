/** ICE-lite: with ourselves as the full peer, and with Chromium. */
import { RTCPeerConnection } from '../../lib';
import { findChromium, launchChromium } from '../support/chromium';
import { connectPair, once } from '../support/connect';
import { freePort } from '../support/coturn';

type Connection = InstanceType<typeof RTCPeerConnection>;
const lite = () => new RTCPeerConnection({ iceLite: true, iceServers: [{ urls: 'stun:192.0.2.1' }] } as never);
const gathered = async (connection: Connection) => {
  while (connection.iceGatheringState !== 'complete') await once(connection, 'icegatheringstatechange');
};
/** `setLocalDescription()`, and what came of it once gathering is complete. */
async function described(connection: Connection): Promise<RTCSessionDescriptionInit> {
  await connection.setLocalDescription();
  await gathered(connection);
  return connection.localDescription!.toJSON() as RTCSessionDescriptionInit;
}

/** Our ends of what is under test are open until each test ends. */
const connections: Connection[] = [];
const opened = (connection: Connection): Connection => {
  connections.push(connection);
  return connection;
};
afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
});

it('ice-lite connections that share a port each hear their own client', async () => {
  const port = await freePort();
  const shared = { iceLite: true, enableIceUdpMux: true, portRange: { min: port, max: port } };
  for (const index of [1, 2]) {
    const server = opened(new RTCPeerConnection(shared as never));
    const client = opened(new RTCPeerConnection());
    const [fromClient, fromServer] = await connectPair(client, server);
    fromServer.onmessage = ({ data }) => fromServer.send(`${data} of ${index}`);
    const echoed = once<MessageEvent>(fromClient, 'message');
    fromClient.send('hello');
    expect((await echoed).data).toBe(`hello of ${index}`);
    expect(server.localDescription!.sdp).toMatch(new RegExp(` ${port} typ host`));
  }
});

describe.each(['offers', 'answers'])('an ice-lite agent that %s', (what) => {
  it('is controlled, and answers checks alone', async () => {
    const server = opened(lite());
    const client = opened(new RTCPeerConnection());
    const [offerer, answerer] = what === 'offers' ? [server, client] : [client, server];
    const channel = offerer.createDataChannel('x');
    const incoming = once<RTCDataChannelEvent>(answerer, 'datachannel');
    const offer = await described(offerer);
    await answerer.setRemoteDescription(offer);
    const answer = await described(answerer);
    await offerer.setRemoteDescription(answer);
    const [own, other] = what === 'offers' ? [offer, answer] : [answer, offer];
    expect(own.sdp).toMatch(/^a=ice-lite\r$/m);
    expect(own.sdp).not.toMatch(/ typ (srflx|relay)/);
    expect(other.sdp).not.toContain('a=ice-lite');
    const { channel: heard } = await incoming;
    const message = once<MessageEvent>(heard, 'message');
    if (channel.readyState !== 'open') await once(channel, 'open');
    channel.send('hello');
    expect((await message).data).toBe('hello');
    expect(server.sctp!.transport.iceTransport.role).toBe('controlled');
    expect(client.sctp!.transport.iceTransport.role).toBe('controlling');
    const pairs = [...(await server.getStats()).values()].filter(({ type }) => type === 'candidate-pair');
    expect(pairs.length).toBeGreaterThan(0);
    for (const { requestsSent, consentRequestsSent } of pairs)
      expect([requestsSent, consentRequestsSent]).toEqual([0, 0]);
    expect(pairs.some(({ nominated, requestsReceived }) => nominated && requestsReceived > 0)).toBe(true);
  });

  const chromium = findChromium();
  if ('reason' in chromium) console.log(`not tested with Chromium: ${chromium.reason}`);
  ('reason' in chromium ? it.skip : it)('connects with Chromium', async () => {
    if ('reason' in chromium) return;
    const { context, close } = await launchChromium(chromium.path);
    try {
      const page = await context.newPage();
      await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
      await page.goto('http://page.test/');
      const server = opened(lite());
      /** Applies a remote description, if any, and gives the page's own, as far as it has one to give. */
      const ask = (remote: RTCSessionDescriptionInit | null) =>
        page.evaluate(async (description) => {
          const scope = window as unknown as { pc?: InstanceType<typeof window.RTCPeerConnection> };
          const pc = (scope.pc ??= new window.RTCPeerConnection());
          if (description) await pc.setRemoteDescription(description);
          if (description?.type === 'answer') return null;
          const echo = (channel: RTCDataChannel) => (channel.onmessage = ({ data }) => channel.send(data as string));
          if (description) pc.ondatachannel = ({ channel }) => echo(channel);
          else echo(pc.createDataChannel('x'));
          await pc.setLocalDescription();
          while (pc.iceGatheringState !== 'complete') {
            await new Promise((done) => pc.addEventListener('icegatheringstatechange', done, { once: true }));
          }
          return pc.localDescription!.toJSON() as RTCSessionDescriptionInit;
        }, remote);
      let channel: RTCDataChannel;
      if (what === 'offers') {
        channel = server.createDataChannel('x') as never;
        await server.setRemoteDescription((await ask(await described(server)))!);
      } else {
        const incoming = once<RTCDataChannelEvent>(server, 'datachannel');
        await server.setRemoteDescription((await ask(null))!);
        await ask(await described(server));
        ({ channel } = await incoming);
      }
      if (channel.readyState !== 'open') await once(channel as never, 'open');
      const echoed = once<MessageEvent>(channel as never, 'message');
      channel.send('hello');
      expect((await echoed).data).toBe('hello');
    } finally {
      await close();
    }
  });
});
