import { Command } from 'commander'

/** Runs the server in this process, which ends with it. */
export const startCommand = (): Command =>
  new Command('start')
    .description('Run the server until Ctrl-C or SIGTERM')
    .option('--config <file>', 'settings instead of covent.json in the home')
    .action(async () => {
      // The server's own entry: it closes the inspector's signal and the umask before anything is opened.
      await import('@covent/server/main')
    })
