/** Who connects. Without a user it is Redis' `default`. */
export interface RedisLogin {
  readonly username: string | null;
  readonly password: string;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Sentinels that know a Redis by a name, and how to connect to them. */
export interface Sentinels {
  readonly sentinels: readonly HostAndPort[];
  readonly name: string;
  readonly login: RedisLogin | null;
  readonly tls: boolean;
}

/** An ordinary Redis and how to connect to it. */
export interface RedisTarget {
  readonly at: HostAndPort | Sentinels;
  readonly login: RedisLogin | null;
  readonly database: number;
  readonly tls: boolean;
  /** A PEM file of the authorities to trust; null: those of the runtime. */
  readonly caFile: string | null;
}
