/** The commands by name, with their options. What each does is loaded when it is called: most need no engine at all. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { exportKinds } from '../export/kinds.ts';
import { DATE_FORMATS } from '../import/shop-files/date-formats.ts';
import { withServerOptions } from './server-options.ts';

const DECIMAL_MARKS = ['comma', 'point'];

export function createProgram(): Command {
  const program = new Command('counterfoil')
    .description('Commerce on an event log: the command line')
    .showHelpAfterError('(counterfoil --help tells more)')
    .helpCommand(false);

  addImport(withServerOptions(program.command('import')));

  addExport(withServerOptions(program.command('export')));

  withServerOptions(program.command('watch'))
    .description('show one transaction as it goes on; ends with status 0 when it completed, 1 when it was rejected')
    .argument('<id>', "the transaction's id")
    .action(async (id, options) => await (await import('./watch.ts')).watchCommand(id, options));

  program
    .command('topics')
    .description("check the log's topics, or create those that are missing")
    .addArgument(new Argument('[action]', 'what to do').choices(['check', 'create']).default('check'))
    .option(
      '--accept-loss',
      'create, empty, also those that are missing beside others with records, if a system can go on without them',
    )
    .action(async (action, options) => await (await import('./topics.ts')).topicsCommand(action, options));

  withServerOptions(program.command('verify'))
    .description('fold the events again and compare them with the states and the views; status 1 on any difference')
    .option('--json', 'print the result as JSON')
    .option('--decide', "decide every command again with today's rules and list what would end otherwise")
    .option('--no-views', 'leave the views out')
    .addOption(forServer())
    .action(async (options) => await (await import('./verify/command.ts')).verifyCommand(options));

  program
    .command('rebuild')
    .description('build the views anew from the log beside the live ones, then switch over')
    .option('--accept-unreadable', 'switch although records cannot be read, and go without what they hold')
    .addOption(forServer())
    .action(async (options) => await (await import('./rebuild.ts')).rebuildCommand(options));

  const erasures = program.command('erasures').description('customers who were erased: docs/erasure.md');
  erasures
    .command('list')
    .description('print who was erased, a line of JSON each: to be kept apart from backups')
    .action(async () => (await import('./erasures.ts')).listErasuresCommand());
  erasures
    .command('apply')
    .description('erase those of such a list on a log that was restored from a backup, before a server reads it')
    .argument('<file>', 'what `erasures list` printed')
    .action(async (file) => (await import('./erasures.ts')).applyErasuresCommand(file));

  program
    .command('rewrap')
    .description('wrap the keys of personal fields with the newest master key, so that older ones can be thrown away')
    .action(async () => (await import('./rewrap.ts')).rewrapCommand());

  program
    .command('backup')
    .description('copy the embedded log, as it stands at this moment, while a server may run on it')
    .argument('<folder>', 'where the copy is to stand: a folder that is not there yet')
    .action(async (folder) => await (await import('./backup.ts')).backupCommand(folder));

  program
    .command('restore')
    .description('put a backup of the embedded log into an empty DATA_DIR')
    .argument('<folder>', 'the backup')
    .action(async (folder) => await (await import('./backup.ts')).restoreCommand(folder));

  program
    .command('copy')
    .description('copy a system on which nothing runs to an empty prefix, cluster or folder, and compare them')
    .requiredOption('--partitions <n>', 'of each topic of the copy', wholeNumber(1, 1000))
    .option('--to-prefix <prefix>', 'TOPIC_PREFIX of the copy, on Kafka')
    .option('--to-brokers <list>', 'KAFKA_BROKERS of the copy (default: the same cluster)')
    .option('--to-dir <folder>', 'DATA_DIR of the copy, on the embedded log')
    .action(async (options) => await (await import('./copy.ts')).copyCommand(options));

  program
    .command('rules')
    .description('print who may do what: each field of the schema, each role')
    .option('--json', 'print them as JSON')
    .action(async (options) => (await import('./rules.ts')).rulesCommand(options));

  program
    .command('new')
    .description('write the files of something new; in a checkout only')
    .command('aggregate')
    .description('its domain, schema, resolvers, projector and test, and a line in each list of aggregates')
    .argument('<name>', 'the plural in lower case, such as suppliers')
    .option('--singular <word>', 'the singular, where it is not the plural without its s')
    .action(async (name, options) => (await import('./new/aggregate.ts')).newAggregateCommand(name, options));

  addDead(program.command('dead').description('records that no processor could read'));

  return program;
}

function addImport(command: Command): void {
  command
    .description("bring a shop's customers, products and orders in, through GraphQL; run it again to go on")
    .argument(
      '<path>',
      'folder of customers, products, orders and order-details, or one file with a row per order line',
    )
    .option('--dry-run', 'read and check everything, say what would be sent, and send nothing')
    .option('--skip-invalid <file>', 'import what is right, and write the other rows there: mend them, and import that')
    .option('--data-set <name>', "sets the shop's ids apart from those of others (default: the name of folder or file)")
    .option('--partial', 'customers and products that the orders name and the files do not hold were imported before')
    .option('--map <file>', 'what the headers stand for: lines `orderId = Order no.`, or the same as JSON')
    .option('--encoding <name>', 'utf-8, utf-16le, utf-16be, windows-1252 or another (default: detected)')
    .addOption(new Option('--date-format <format>', 'of dates that do not begin with the year').choices(DATE_FORMATS))
    .addOption(
      new Option('--decimal <mark>', 'the decimal mark, where `1.234` can be read in two ways').choices(DECIMAL_MARKS),
    )
    .addOption(
      new Option('--stock <kind>', 'stock to begin with: unitsInStock and what the orders need, or unitsInStock alone')
        .choices(['history', 'published'])
        .default('history'),
    )
    .option('--no-update', 'leave what is in the shop already as it is, and list what differs')
    .option('--concurrency <n>', 'requests under way at once, each of up to 100 commands', wholeNumber(1, 64), 4)
    .option('--json', 'print the summary as JSON')
    .action(async (path, options) => await (await import('./import.ts')).importCommand(path, options));
}

function addExport(command: Command): void {
  const yesOrNo = (flags: string, what: string) => new Option(flags, what).choices(['yes', 'no']);
  command
    .description('write customers, products, purchases or their lines as CSV or NDJSON, as far as you may see them')
    .addArgument(
      new Argument('<kind>', 'what to export; all: every kind, into a folder that import can read').choices([
        ...Object.keys(exportKinds),
        'all',
      ]),
    )
    .option('--output <path>', 'the file, or for all the folder; it appears when it is whole. -: stdout', '-')
    .addOption(new Option('--format <format>', 'how to write it').choices(['csv', 'ndjson']).default('csv'))
    .option('--excel', 'CSV for spreadsheets: told to be UTF-8, and times as they read them, in UTC')
    .option('--decimal-comma', 'CSV with a comma before decimals and ; between cells, as many countries have it')
    .option('--filter <json>', 'a filter as the schema\'s list has it, such as \'{"text":"chai"}\'')
    .option('--text <words>', 'only what these words find')
    .option('--from <time>', 'purchases placed then or later, such as 1996-07-04')
    .option('--to <time>', 'purchases placed then or before')
    .option('--status <list>', 'purchases of these statuses, such as CONFIRMED,PENDING')
    .option('--rejection <list>', 'purchases rejected for this, such as INSUFFICIENT_STOCK')
    .option('--customer <id>', 'purchases of this customer')
    .option('--product <id>', 'purchases of this product')
    .option('--min <amount>', 'at least this total, price, or sum spent')
    .option('--max <amount>', 'at most this total, price, or sum spent')
    .option('--removed', 'customers that have been removed as well')
    .addOption(yesOrNo('--discontinued <yes|no>', 'only products that are, or are not'))
    .addOption(yesOrNo('--in-stock <yes|no>', 'only products with free stock, or without'))
    .action(async (kind, options) => await (await import('./export/command.ts')).exportCommand(kind, options));
}

function addDead(dead: Command): void {
  const withTopic = (command: Command) =>
    command
      .argument('[keys...]', '<partition>/<offset> of records, as `dead list` names them')
      .option('--topic <topic>', 'only the dead letters of this topic, such as products.commands')
      .option('--json', 'print them as JSON');

  withTopic(dead.command('list'))
    .description('show them, with the reason')
    .action(async (keys, options) => await (await import('./dead.ts')).listDead(keys, options));
  withTopic(dead.command('retry'))
    .description('put them back on their topic, unchanged')
    .option('--all', 'all of them')
    .action(async (keys, options) => await (await import('./dead.ts')).settleDead('retry', keys, options));
  withTopic(dead.command('drop'))
    .description('put them out of the list; their records stay on their topic')
    .option('--all', 'all of them')
    .action(async (keys, options) => await (await import('./dead.ts')).settleDead('drop', keys, options));
}

/** Given by a server that starts the command from its console. */
const forServer = () => new Option('--for-server').hideHelp();

function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}
