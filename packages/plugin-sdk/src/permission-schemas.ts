import * as z from 'zod'

/** People read it in lists, prompts and logs, so it holds no control character. The pattern has no flag, which JSON Schema would lose. */
export const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[ -~\u00a0-\uffff]*$/, 'must hold no control character')
const reason = text(140).min(3)
const grant = <S extends z.ZodRawShape>(shape: S) => z.strictObject({ ...shape, reason }).optional()

/** Asked for by name in other systems, and given to nobody here: the message says why. */
const refused = (why: string) => z.never({ error: `is refused: ${why}` }).optional()

export const hostSchema = z
  .string()
  .max(253)
  .regex(/^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(:\d{1,5})?$/)
  .refine((name) => name.split('.').length >= (name.startsWith('*.') ? 3 : 2), 'a wildcard needs a domain')
  .refine((name) => Number(name.split(':')[1] ?? 443) <= 65_535 && !/:0/.test(name), 'a port is 1 to 65535')
const relativePath = z
  .string()
  .max(200)
  .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[A-Za-z0-9_\-./*]+$/)
const absolutePath = z.string().max(400).startsWith('/')
export const settingName = z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/)
/** Whether a plugin may be given that variable: not one that holds a secret by its name, nor one of the server's own. */
export const isOpenVariable = (name: string): boolean =>
  !/KEY|TOKEN|SECRET|PASSWORD/.test(name) && !name.startsWith('COVENT_')
const environmentName = settingName.refine(
  isOpenVariable,
  'is refused: variables named *KEY*, *TOKEN*, *SECRET*, *PASSWORD* or COVENT_* are given to no plugin; a secret is declared under secrets',
)
const some = <S extends z.ZodType>(item: S) => z.array(item).min(1).max(16)
const hosts = {
  hosts: some(hostSchema),
  methods: z.array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])).optional(),
}
const budget = {
  models: z.array(z.string().max(100)).max(16).optional(),
  maxTokensPerDay: z.int().positive().optional(),
}
const bytes = { maxBytes: z.int().positive().optional() }

/** Permissions as a manifest holds them: each with its scope and a reason. */
export const permissionsSchema = z.strictObject({
  'fs:read:workspace': grant({ paths: z.array(relativePath).max(16).optional() }),
  'fs:read:home': grant({ paths: some(relativePath) }),
  'fs:read:system': grant({ paths: some(absolutePath) }),
  'fs:write:workspace': grant({ paths: z.array(relativePath).max(16).optional() }),
  'fs:write:temp': grant(bytes),
  'fs:write:any': grant({ paths: some(absolutePath) }),
  'net:outbound:https': grant(hosts),
  'net:outbound:http': grant(hosts),
  'net:outbound:websocket': grant({ hosts: some(hostSchema) }),
  'net:inbound:listen': grant({ routes: some(absolutePath) }),
  'net:dns': grant({ names: some(hostSchema) }),
  'process:spawn': grant({ commands: some(z.string().regex(/^[a-z0-9._-]{1,40}$/)) }),
  'process:shell': refused('a shell runs anything; ask for process:spawn with the programs that you need'),
  'process:env:read': grant({ names: some(environmentName) }),
  'process:env:write': grant({ names: some(settingName) }),
  'system:native': refused('a plugin is one JavaScript file; native code would leave its sandbox'),
  'system:ffi': refused('calls into native libraries would leave the sandbox'),
  'system:gpu': refused('no sandbox of this version hands a graphics device on'),
  'ai:inference': grant(budget),
  'ai:embedding': grant(budget),
  'ai:training': refused('this server trains no models; ask for ai:inference or ai:embedding'),
  'data:database': grant(bytes),
  'data:memory': grant({
    access: z.enum(['read', 'write', 'readwrite']),
    conversations: z.enum(['current', 'all']).default('current'),
  }),
  'data:secrets': grant({ names: some(settingName) }),
})
