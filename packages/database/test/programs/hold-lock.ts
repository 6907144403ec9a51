/** Takes the lock that it is given, says so or why not, and keeps it until it is killed. */
import { homeLock } from '../../src/index.ts'

try {
  homeLock(process.argv[2] ?? '').acquire()
  console.log(`held by ${process.pid}`)
  setInterval(() => {}, 1 << 30)
} catch (error) {
  console.log((error as Error).message)
}
