/** What REST answers beyond the gateway's shapes, as far as it is read here. */

import type { Message, Thread, User } from "./generated.ts";

export interface WireInvite {
  /** What is handed to who is invited; not of an invite that one only looks at. */
  readonly nexus_url?: string | null;
  /** Where this program is dialed, as that tells whoever has it. */
  readonly nexus_addresses?: readonly string[];
  readonly code: string;
  readonly inviter?: User;
  readonly expires_at?: string | null;
  readonly guild_id?: string;
  readonly guild?: { readonly id: string; readonly name: string; readonly description?: string | null };
  readonly channel?: { readonly id: string; readonly name?: string | null } | null;
  readonly approximate_member_count?: number;
  readonly approximate_presence_count?: number;
}

export interface WireReaders {
  readonly sealed: boolean;
  readonly relays: readonly string[];
  readonly people: number;
  readonly hosted: number;
  readonly hosted_users: readonly User[];
  readonly contested_users: readonly User[];
  readonly bots: readonly User[];
}

export interface WireGuildRelays {
  readonly relays: readonly {
    readonly url: string;
    readonly state: "here" | "filled" | "filling" | "queued" | "not_reached" | "refused" | "lacking";
    readonly words: string;
    readonly shortfall?: {
      readonly what: "shown" | "given" | "answered";
      readonly ops: number;
      readonly channels: readonly string[];
      readonly since_ms: number;
      readonly whole: readonly string[];
    };
  }[];
}

export interface WireBan {
  readonly user: User;
  readonly reason: string | null;
}

/** An account's way in. A page's session is a cookie, and the tokens are not read. */
export interface WireSession {
  readonly token?: string | null;
  /** In place of the tokens: a second factor is asked for. */
  readonly ticket?: string;
  readonly refresh_token?: string;
  /** Seconds. */
  readonly expires_in?: number;
  readonly user_id: string;
}

export interface WireAccount {
  readonly username: string;
  readonly email: string | null;
  readonly mfa_enabled: boolean;
  readonly recovery_codes: number;
  readonly password: boolean;
  readonly sign_ins: readonly string[];
}

/** What comes of a sign-in at a provider: a session, or what stands in its place. */
export interface WireSignedIn extends WireSession {
  readonly newcomer?: {
    readonly ticket: string;
    readonly username: string | null;
    readonly email: string | null;
  };
  readonly linked?: boolean;
  readonly proof?: string;
}

/** An application, to whom it asks something of. */
export interface WireAsker {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly owner: { readonly username: string; readonly global_name?: string | null };
}

export interface WireAsking {
  readonly application: WireAsker;
  readonly scopes: readonly string[];
  readonly bot: boolean;
  readonly permissions: string;
  readonly redirect_uri: string | null;
  readonly authorized: boolean;
  readonly error: { readonly error_description: string; readonly location: string } | null;
}

/** An application, to whoever made it. */
export interface WireBot {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly verify_key: string;
  readonly interactions_endpoint_url: string | null;
  /** Decimal. */
  readonly flags_new: string;
  readonly approximate_guild_count: number;
  readonly redirect_uris: readonly string[];
  /** Of a program only that signs people in. */
  readonly public_client?: boolean;
}

export interface WireConnection {
  readonly type: string;
  readonly id: string;
  readonly visibility: number;
}

export interface WireAuthorized {
  readonly id: string;
  readonly application: WireAsker;
  readonly scopes: readonly string[];
  readonly since_ms: number;
  readonly used_ms: number;
}

export interface WireLogins {
  readonly sessions: readonly {
    readonly id: string;
    readonly begun_ms: number;
    readonly used_ms: number;
    readonly current: boolean;
  }[];
}

export interface WireRecoveryCodes {
  readonly backup_codes: readonly { readonly code: string }[];
}

export interface WireRelay {
  readonly name?: string;
  readonly version?: string;
  /** `open`; `invite`: who has an invite may make an account; `closed`: nobody may. A relay that does not say is asked. */
  readonly registration?: string;
  /** Whether another password can be chosen by mail. */
  readonly mail?: boolean;
  /** At whom else one signs in. */
  readonly sign_in?: readonly { readonly id: string; readonly name: string }[];
}

export interface WireThreads {
  readonly threads: readonly Thread[];
  readonly has_more: boolean;
}

/** Of a forum: with what each post begins with, as far as it is here. */
export interface WireFoundThreads extends WireThreads {
  readonly first_messages: readonly Message[];
}

/** Who looks forward to an event. */
export interface WireInterested {
  readonly user: User;
}

export interface WirePins {
  readonly items: readonly { readonly message: Message }[];
}

/** Of a search that is through: each message stands in a list of its own. */
export interface WireFoundMessages {
  readonly messages: readonly (readonly Message[])[];
  readonly threads: readonly Thread[];
  readonly total_results: number;
  /** Not all that was said is held there. */
  readonly doing_deep_historical_index: boolean;
}

/** It is to be asked for again, after so many seconds. */
export interface WireNotThrough {
  readonly documents_indexed: number;
  readonly retry_after: number;
}
