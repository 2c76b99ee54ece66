// Imports one entry point of the package and prints how long that took. Argument: its name.
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
import { stopwatch } from './stopwatch.mjs';

const importing = stopwatch();
await import(process.argv[2]);
process.stdout.write(JSON.stringify(importing()));
