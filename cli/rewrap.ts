/** `counterfoil rewrap`: after a newer master key has been put first, wraps all keys of personal fields with it. */
import { rewrap } from '../sealing/rewrap.ts';
import { findMasterKeys } from '../server/master-key.ts';
import { CommandFailed } from './failure.ts';
import { withLog } from './with-log.ts';

export async function rewrapCommand(): Promise<void> {
  const count = await withLog('write', async (log, configuration) => {
    const { masters } = await findMasterKeys(configuration, log, { make: false });
    if (masters === undefined) throw new CommandFailed('there is no master key: set MASTER_KEY or MASTER_KEY_FILE');
    return await rewrap(log, masters);
  });
  process.stdout.write(`${count} keys were wrapped with the newest master key\n`);
}
