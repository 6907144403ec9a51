export { homeOf } from './home.ts'
export { type Check, doctorChecks } from './offline/doctor.ts'
export { type Offline, openOffline } from './offline/open-offline.ts'
