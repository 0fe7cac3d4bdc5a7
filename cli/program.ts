/** The commands by name, with their options. What each does is loaded when it is called: most need no engine at all. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { withServerOptions } from './server-options.ts';

export function createProgram(): Command {
  const program = new Command('counterfoil')
    .description('Commerce on an event log: the command line')
    .showHelpAfterError('(counterfoil --help tells more)')
    .helpCommand(false);

  withServerOptions(program.command('import'))
    .description('bring customers, products and orders in from CSV files, through GraphQL; run it again to go on')
    .argument('<directory>', 'folder of customers.csv, products.csv, orders.csv and order-details.csv')
    .addOption(
      new Option('--stock <kind>', 'stock to begin with: unitsInStock and what the orders need, or unitsInStock alone')
        .choices(['history', 'published'])
        .default('history'),
    )
    .option('--concurrency <n>', 'requests under way at once', wholeNumber(1, 1000), 64)
    .option('--json', 'print the summary as JSON')
    .action(async (directory, options) => await (await import('./import/command.ts')).importCommand(directory, options));

  return program;
}

export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}
