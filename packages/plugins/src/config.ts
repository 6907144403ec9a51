import * as z from 'zod'

const permission = z.string().regex(/^[a-z]+(:[a-z]+)+$/, 'must be a permission such as data:database')

const program = z.strictObject({
  /** Absolute. */
  path: z.string().startsWith('/'),
  /** Stand before the arguments that a plugin gives. */
  args: z.array(z.string()).max(64).default([]),
  timeoutMs: z.int().min(100).max(600_000).default(30_000),
  /** How the workspace is lent to it, at `/workspace`: the whole of it, whatever paths the plugin may use. */
  workspace: z.enum(['none', 'read', 'write']).default('none'),
})
const listed = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*(\.[a-z][a-z0-9-]*)*\.(\*|[a-z][a-z0-9-]*)$/,
    'must be an id, or a namespace such as acme.*',
  )

/** Settings under `plugins`. */
export const pluginsConfig = z.strictObject({
  /** Loads plugins that nobody signed. They run isolated, and with no more than `grants` gives them. */
  allowUnsigned: z.boolean().default(false),
  /** Ids or namespaces of plugins that may be installed and run; without it all may. */
  allow: z.array(listed).optional(),
  /** Ids or namespaces that may not, whatever else is said. */
  deny: z.array(listed).default([]),
  /** Actions that nobody calls, by `plugin.id/action`, while their plugins go on. */
  disabledActions: z
    .array(z.string().regex(/^[a-z0-9.-]+\/[a-zA-Z0-9_]+$/, 'must be an action such as acme.mail/send'))
    .default([]),
  /** Plugin id → permissions that the operator gives it. */
  grants: z.record(z.string(), z.array(permission)).default({}),
  /** Plugin id → secrets that the host may put into its requests, to the hosts that its manifest names. */
  secrets: z.record(z.string(), z.array(z.string())).default({}),
  /** Plugin id → name of the secret by which requests to its routes are signed. */
  routeSecrets: z.record(z.string(), z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/)).default({}),
  network: z
    .strictObject({
      /** Ids of plugins whose hosts may stand for loopback and private addresses. */
      allowPrivate: z.array(z.string()).default([]),
    })
    .prefault({}),
  /** Absolute path of the folder that plugins share by `ctx.workspace`; `workspace` in the home when absent. */
  workspace: z.string().startsWith('/').optional(),
  /** All files of the workspace together. */
  workspaceMb: z.int().min(1).max(1_048_576).default(1_024),
  /** Command → the program that plugins with `process:spawn` may run under that name. */
  programs: z.record(z.string().regex(/^[a-z0-9._-]{1,40}$/), program).default({}),
  /** Plugin id → its settings, of the shape that its manifest says. */
  config: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  /** Reloads a plugin in `<home>/plugins/<name>/` when its file is saved; for development. */
  watch: z.boolean().default(false),
  reload: z
    .strictObject({
      /** How long a new version is watched; when it crashes or is not well in that time the old one serves again. */
      watchMs: z.int().min(0).max(3_600_000).default(30_000),
      /** How long calls of the old process may go on. */
      drainMs: z.int().min(0).max(600_000).default(30_000),
    })
    .prefault({}),
  /** How often a plugin with a health check is asked. */
  healthIntervalMs: z.int().min(100).max(3_600_000).default(30_000),
  /** Longest time of an action call, whatever its plugin asks for. */
  callTimeoutMs: z.int().min(10).max(600_000).default(600_000),
  /** The most that a plugin gets, whatever its manifest asks for. */
  limits: z
    .strictObject({
      memoryMb: z.int().min(32).optional(),
      cpuPercent: z.int().min(1).optional(),
      fileHandles: z.int().min(32).optional(),
      callsPerSecond: z.int().min(1).optional(),
      netBytesPerSecond: z.int().min(1_000).optional(),
    })
    .prefault({}),
})
export type PluginsConfig = z.output<typeof pluginsConfig>

const level = z.enum(['process', 'container', 'vm'])

/** Settings under `isolation`. */
export const isolationConfig = z.strictObject({
  /** Runs third-party plugins where only Node's permission model holds them. */
  allowWeak: z.boolean().default(false),
  /** The unprivileged user and group as whom plugins run where the server runs as root. */
  uid: z.int().min(1_000).max(2_147_483_647).default(60_977),
  /** Processes that wait for a plugin, of some 25 MB each, so that one starts in milliseconds; 0 for none. */
  warm: z.int().min(0).max(16).default(1),
  /** `off` holds memory and CPU by watching, also where the kernel would. */
  controlGroups: z.enum(['auto', 'off']).default('auto'),
  /** Least level by trust, where `process` is not enough. A manifest may ask for more. */
  least: z
    .strictObject({
      firstParty: level.optional(),
      signed: level.optional(),
      unverified: level.optional(),
    })
    .prefault({}),
  /** Plugin id → its least level, where that is more than its trust asks for. */
  plugins: z.record(z.string(), level).default({}),
  /** The engine of the levels `container` and `vm`. */
  container: z
    .strictObject({
      /** Its socket; the usual places of Docker and Podman when absent. */
      socket: z.string().optional(),
      /** Name or digest of the image that deploy/sandbox makes. */
      image: z.string().min(1).default('covent-sandbox'),
      /** OCI runtime of the level `vm`. */
      runtime: z
        .string()
        .regex(/^(runsc|kata)/, 'must be runsc or one of Kata Containers')
        .optional(),
    })
    .prefault({}),
  /** Ids of plugins that ship with the server and that run in its own process, held by nothing. */
  inline: z.array(z.string()).default([]),
})
export type IsolationConfig = z.output<typeof isolationConfig>
