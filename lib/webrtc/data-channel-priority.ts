import type { RTCPriorityType } from '../webidl/generated/enums';

/** Priorities as DCEP carries them (RFC 8831 section 6.4). */
const VALUES: Readonly<Record<RTCPriorityType, number>> = { 'very-low': 128, low: 256, medium: 512, high: 1024 };

export function priorityValue(priority: RTCPriorityType): number {
  return VALUES[priority];
}

/** A peer may choose numbers in between: the next higher name, and `high` above all. */
export function priorityOf(value: number): RTCPriorityType {
  if (value <= VALUES['very-low']) return 'very-low';
  if (value <= VALUES.low) return 'low';
  return value <= VALUES.medium ? 'medium' : 'high';
}
