export { loadServerConfig, type ServerConfig, settingsSchema } from './config.ts'
export { defaultModules, roots } from './modules.ts'
export { runServer } from './run-server.ts'
export { serve } from './serve.ts'
