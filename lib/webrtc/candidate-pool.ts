import type { NativeIceOptions, NativeIceParameters } from '../binding/native-addon';
import { generateIceCredentials } from '../transport/ice-credentials';
import { PooledIceAgent } from '../transport/pooled-ice-agent';

/**
 * The ICE candidate pool (RFC 9429 sections 3.5.4 and 4.1.1): what is gathered before setLocalDescription() asks for it.
 * One component of it is prefetched, whatever the size: BUNDLE leaves no use for others.
 */
export class CandidatePool {
  #agent: PooledIceAgent | null = null;

  /** Gathers unless that is done already. */
  fill(options: NativeIceOptions, configured: Omit<NativeIceParameters, 'iceLite'> | null): void {
    this.#agent ??= new PooledIceAgent({ ...(configured ?? generateIceCredentials()), iceLite: options.lite }, options);
  }

  /** Those that a description needs to have for its transport to be served from the pool; null: the pool is empty. */
  get credentials(): NativeIceParameters | null {
    return this.#agent?.local ?? null;
  }

  take(local: { usernameFragment: string; password: string }): PooledIceAgent | null {
    const agent = this.#agent;
    if (agent?.local.usernameFragment !== local.usernameFragment || agent.local.password !== local.password)
      return null;
    this.#agent = null;
    return agent;
  }

  /** Frees what nobody has taken. */
  discard(): void {
    this.#agent?.close();
    this.#agent = null;
  }
}
