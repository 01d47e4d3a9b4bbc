import { Command } from 'commander';
import { adminTokenCommands } from './admin-tokens/admin-token-commands.js';
import { clientCommands } from './clients/client-commands.js';
import { importHydraCommand } from './hydra-import/import-hydra.js';
import { keyCommands } from './keys/key-commands.js';
import { note } from './output.js';
import { lineOf } from './refusal.js';
import { tokenCommands } from './tokens/token-commands.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(); // whoever read the output has seen enough
  throw error;
});

const program = new Command('hydrant')
  .description('administer an authority over HTTP')
  .addCommand(clientCommands())
  .addCommand(keyCommands())
  .addCommand(tokenCommands())
  .addCommand(adminTokenCommands())
  .addCommand(importHydraCommand());

try {
  await program.parseAsync();
} catch (error) {
  note(`hydrant: ${lineOf(error)}`);
  process.exitCode = 1;
}
