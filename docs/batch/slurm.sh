#!/bin/bash
# sbatch docs/batch/slurm.sh: 16 tasks, each with its part of the rows. A task that is requeued
# continues where it stopped.
#SBATCH --job-name=amx-batch
#SBATCH --array=0-15
#SBATCH --cpus-per-task=1
#SBATCH --mem=512M
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@60

exec amx batch rows.jsonl --template classify --shard auto -o 'out.{shard}.jsonl' --max-cost 2
