import { constructionKey } from '../../lib/webidl';
import type { RTCStats } from '../../lib/webidl/generated/stats';
import { RTCStatsReport } from '../../lib/webrtc/RTCStatsReport';

const transport: RTCStats = { id: 'T1', type: 'transport', timestamp: 1 };
const connection: RTCStats = { id: 'P', type: 'peer-connection', timestamp: 1 };
const report = new RTCStatsReport(constructionKey, [transport, connection]);

describe('RTCStatsReport', () => {
  it('is a readonly maplike', () => {
    expect(report.size).toBe(2);
    expect(report.get('T1')).toBe(transport);
    expect([report.has('P'), report.has('X'), report.get('X')]).toEqual([true, false, undefined]);
    expect([...report.keys()]).toEqual(['T1', 'P']);
    expect([...report.values()]).toEqual([transport, connection]);
    expect([...report]).toEqual([
      ['T1', transport],
      ['P', connection],
    ]);
    expect(new Map(report)).toEqual(new Map([...report.entries()]));
    for (const name of ['set', 'delete', 'clear']) expect(name in report).toBe(false);
  });

  it('passes value, key and itself to forEach', () => {
    const seen: unknown[] = [];
    const self = {};
    report.forEach(function (this: unknown, value, key, map) {
      seen.push([this, value, key, map]);
    }, self);
    expect(seen).toEqual([
      [self, transport, 'T1', report],
      [self, connection, 'P', report],
    ]);
    expect(() => {
      report.forEach(null as unknown as () => void);
    }).toThrow(TypeError);
  });

  it('has the property attributes of a maplike', () => {
    const prototype = RTCStatsReport.prototype as unknown as Record<PropertyKey, unknown>;
    expect(prototype[Symbol.iterator]).toBe(prototype['entries']);
    expect(Object.getOwnPropertyDescriptor(prototype, Symbol.iterator)?.enumerable).toBe(false);
    for (const [name, length] of Object.entries({ entries: 0, keys: 0, values: 0, forEach: 1, get: 1, has: 1 })) {
      const { value, enumerable } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
      expect([name, (value as () => void).length, enumerable]).toEqual([name, length, true]);
      expect(() => (value as () => void).call(new Map())).toThrow(TypeError);
    }
    expect(() => new (RTCStatsReport as unknown as new () => object)()).toThrow('Illegal constructor');
  });
});
