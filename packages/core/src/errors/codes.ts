import { auditCodes } from './audit-codes.ts'
import { authCodes } from './auth-codes.ts'
import { jobCodes } from './job-codes.ts'
import { secretCodes } from './secret-codes.ts'
import { spec } from './spec.ts'

export const requestCodes = {
  'request.not-found': spec(
    404,
    'Not found',
    'Check the path; what belongs to another principal is not found either.',
  ),
  'request.method-not-allowed': spec(405, 'Method not allowed', 'Use a method of the Allow header.'),
  'request.body-too-large': spec(413, 'Body too large', 'Send less, or raise http.bodyLimitBytes.'),
  'request.url-too-long': spec(414, 'URL too long', 'Send a shorter URL.'),
  'request.headers-too-large': spec(431, 'Headers too large', 'Send fewer or shorter headers.'),
  'request.media-type-unsupported': spec(
    415,
    'Media type not supported',
    'Send application/json, plain or gzip.',
  ),
  'request.body-invalid': spec(400, 'Body is not JSON', 'Send one JSON object in UTF-8.'),
  'request.host-refused': spec(421, 'Host refused', 'Add the host name to http.allowedHosts.'),
  'request.origin-refused': spec(
    403,
    'Origin refused',
    'Call from a page of this server, or add its origin to http.cors.origins.',
  ),
  'request.path-refused': spec(
    400,
    'Path is not canonical',
    'Send the path as documented, without //, .. or encoded slashes.',
  ),
  'request.malformed': spec(400, 'Not well-formed HTTP', 'Send one well-formed HTTP/1.1 request.'),
  'request.failed': spec(500, 'Internal error', 'Look for the request id in the log.'),
  'request.timeout': spec(408, 'Request timed out', 'Send the request faster.'),
  'request.idempotency-conflict': spec(
    422,
    'Idempotency key used for another body',
    'Use a new Idempotency-Key for a new message.',
  ),
  'request.overloaded': spec(503, 'Overloaded', 'Try again after the time in Retry-After.'),
  'request.shutting-down': spec(503, 'Shutting down', 'Try again; another start will take it.'),
} as const

export const validationCodes = {
  'validation.failed': spec(400, 'Input is not valid', 'Mend the fields that the message names.'),
} as const

export const configurationCodes = {
  'config.syntax': spec(500, 'Configuration is not JSON5', 'Mend the line that the message names.'),
  'config.unknown-key': spec(500, 'Unknown setting', 'Remove it or use the name that the message proposes.'),
  'config.invalid-value': spec(
    500,
    'Setting has a wrong value',
    'Give it a value of the kind that the message names.',
  ),
  'config.unreadable': spec(
    500,
    'Configuration cannot be read',
    'Check that the file exists and may be read.',
  ),
  'config.home-unusable': spec(
    500,
    'Home cannot be used',
    'Check COVENT_HOME, its owner and its permissions.',
  ),
  'config.home-in-use': spec(500, 'Home is in use', 'Stop the other server, or use another COVENT_HOME.'),
  'config.address-unusable': spec(500, 'Address cannot be bound', 'Choose another http.port or http.host.'),
  'config.secret-missing': spec(
    500,
    'Secret missing',
    'Run `covent secrets set NAME`, or set COVENT_SECRET_<NAME> in the environment.',
  ),
  'config.package-missing': spec(500, 'Package not installed', 'Install the package that the message names.'),
} as const

export const databaseCodes = {
  'database.unavailable': spec(
    503,
    'Database not available',
    'Check the disk and the database settings; nothing was accepted.',
  ),
  'database.schema-newer': spec(
    500,
    'Database is newer than this server',
    'Start a server at least as new as the one that wrote it.',
  ),
  'database.migration-failed': spec(
    500,
    'Migration failed',
    'Read the cause; the database is as it was before.',
  ),
  'database.unit-misused': spec(
    500,
    'Unit of work misused',
    'Inside a unit of work await nothing but its stores.',
  ),
  'database.outcome-unknown': spec(
    503,
    'Outcome unknown',
    'The connection was lost while it was written; repeat it under the same id or key.',
  ),
  'database.conflict': spec(409, 'Changed meanwhile', 'Read again and repeat the change.'),
  'database.full': spec(507, 'No space left', 'Free disk space; nothing that was accepted is lost.'),
} as const

export const pluginCodes = {
  'plugin.not-found': spec(
    404,
    'Plugin or action not found',
    'Check the name with `covent doctor` or GET /api/plugins.',
  ),
  'plugin.invalid': spec(422, 'Plugin is not valid', 'Mend the plugin as the message says.'),
  'plugin.isolation-unavailable': spec(
    503,
    'Isolation not available',
    'Install bubblewrap, or set isolation.allowWeak knowingly.',
  ),
  'plugin.dependency-missing': spec(
    503,
    'Other plugin or its service missing',
    'Install what the message names, in a version that fits, and start again.',
  ),
  'plugin.signature-missing': spec(
    422,
    'Plugin is not signed',
    'Sign it, or set plugins.allowUnsigned knowingly.',
  ),
  'plugin.not-allowed': spec(
    403,
    'Plugin is kept out',
    'Change plugins.allow or plugins.deny, or leave the plugin out.',
  ),
  'plugin.package-invalid': spec(422, 'Package is not valid', 'Build it again with `covent plugin build`.'),
  'plugin.signature-invalid': spec(
    422,
    'Signature does not fit',
    'Get the package again from its author, or sign it again.',
  ),
  'plugin.signature-untrusted': spec(
    422,
    'Signing key is not trusted',
    'Compare the fingerprint with its author’s, then `covent trust add` the key for that namespace.',
  ),
  'plugin.integrity-broken': spec(
    503,
    'Installed plugin was changed',
    'Find out who changed it, uninstall it and install the package again.',
  ),
  'plugin.version-conflict': spec(
    409,
    'Another version is installed',
    'Install a newer version, or uninstall first.',
  ),
  'plugin.runtime-unsupported': spec(
    422,
    'Plugin is for another server',
    'Install a version of it that is made for this server, or update the server.',
  ),
  'plugin.in-use': spec(
    409,
    'Other plugins need it',
    'Disable or uninstall those that the message names first.',
  ),
  'plugin.rolled-back': spec(
    502,
    'New version did not hold',
    'The version before it goes on serving; mend what the message says and try again.',
  ),
  'plugin.build-failed': spec(422, 'Plugin cannot be built', 'Mend the file that the message names.'),
  'plugin.permission-denied': spec(
    403,
    'Permission denied',
    'Grant what the message names, or change the plugin.',
  ),
  'plugin.input-invalid': spec(400, 'Action input is not valid', 'Send input that fits the action’s schema.'),
  'plugin.not-applicable': spec(
    409,
    'Action does not apply here now',
    'Ask for it where the plugin offers it; its description may say where that is.',
  ),
  'plugin.output-invalid': spec(
    502,
    'Action output is not valid',
    'The plugin broke its own contract: tell its author.',
  ),
  'plugin.action-failed': spec(502, 'Action failed', 'Read the plugin’s message.'),
  'plugin.timeout': spec(504, 'Action timed out', 'Try again, or raise limits.callTimeoutMs.'),
  'plugin.crashed': spec(502, 'Plugin ended', 'It restarts by itself; see the log for its last words.'),
  'plugin.quarantined': spec(
    503,
    'Plugin is quarantined',
    'It crashed three times in five minutes; restart the server after mending it.',
  ),
  'plugin.overloaded': spec(503, 'Plugin is busy', 'Try again when its calls in flight have ended.'),
  'plugin.paused': spec(
    503,
    'Component is paused',
    'Too many of its calls failed; try again after the time that the message names, and read `covent plugins logs`.',
  ),
  'plugin.protocol': spec(502, 'Plugin broke the protocol', 'It was stopped; tell its author.'),
  'plugin.unavailable': spec(503, 'Plugin is not running', 'See its state in GET /api/plugins.'),
  'plugin.effect-refused': spec(403, 'Action needs leave', 'Name the action in actions.allow.'),
  'plugin.outcome-unknown': spec(
    500,
    'Outcome unknown',
    'The server stopped during the action; check its effect before repeating it.',
  ),
  'plugin.file-not-found': spec(404, 'File not found', 'Check the path; links are not followed.'),
  'plugin.file-refused': spec(403, 'File refused', 'Use a plain file of one name, as the message says.'),
  'plugin.quota-exceeded': spec(507, 'Storage quota reached', 'Delete what the plugin no longer needs.'),
} as const

export const modelCodes = {
  'model.not-found': spec(404, 'Model not found', 'Use an id from GET /v1/models.'),
  'model.unavailable': spec(
    502,
    'Model not available',
    'Check the provider’s address and key, or try again.',
  ),
  'model.refused': spec(502, 'Model refused the request', 'Check the provider’s key and the model name.'),
  'model.timeout': spec(504, 'Model timed out', 'Try again, or raise models.timeoutMs.'),
  'model.protocol': spec(502, 'Model answered nonsense', 'Check that baseUrl speaks the OpenAI protocol.'),
  'model.steps-exceeded': spec(502, 'Too many steps', 'Ask for less at once, or raise agent.maxSteps.'),
} as const

export const agentCodes = {
  'agent.failed': spec(
    500,
    'Turn failed',
    'Read the server’s log of this turn, then send the message again.',
  ),
  'agent.interrupted': spec(503, 'Turn interrupted', 'The server stopped during it: send the request again.'),
} as const

export const limitCodes = {
  'limit.exceeded': spec(429, 'Too many requests', 'Wait for the time in Retry-After.'),
  'limit.budget-exceeded': spec(
    429,
    'Budget of the day used up',
    'Wait until the time that the message names, or raise the budget that it names.',
  ),
} as const

export const egressCodes = {
  'egress.url-refused': spec(
    400,
    'URL refused',
    'Send an absolute http or https URL with a plain host name, no user name and no address.',
  ),
  'egress.host-refused': spec(403, 'Host not granted', 'Grant the host and port, or ask for another.'),
  'egress.method-refused': spec(403, 'Method not granted', 'Grant the method, or use another.'),
  'egress.address-refused': spec(
    403,
    'Address refused',
    'Names that stand for private addresses need the operator’s leave.',
  ),
  'egress.header-refused': spec(
    400,
    'Header refused',
    'Leave out headers of the connection, and line breaks in values.',
  ),
  'egress.redirect-refused': spec(502, 'Too many redirects', 'Ask for the place at the end of the chain.'),
  'egress.request-too-large': spec(413, 'Request too large', 'Send less.'),
  'egress.response-too-large': spec(502, 'Response too large', 'Ask for less.'),
  'egress.response-invalid': spec(502, 'Response not understood', 'Tell those who run the other side.'),
  'egress.name-unresolved': spec(502, 'Name not found', 'Check the host name and the server’s DNS.'),
  'egress.connection-failed': spec(502, 'No connection', 'Check that the other side runs, or try again.'),
  'egress.timeout': spec(504, 'No answer in time', 'Try again, or ask for less.'),
  'egress.busy': spec(503, 'Too many requests under way', 'Wait until earlier requests have ended.'),
} as const

/** Every code of every family, from which `docs/errors.md` is made. */
export const errorCodes = {
  request: requestCodes,
  validation: validationCodes,
  auth: authCodes,
  configuration: configurationCodes,
  database: databaseCodes,
  plugin: pluginCodes,
  model: modelCodes,
  limit: limitCodes,
  secret: secretCodes,
  audit: auditCodes,
  agent: agentCodes,
  egress: egressCodes,
  job: jobCodes,
} as const
