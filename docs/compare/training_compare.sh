#!/bin/sh
# Times whole fits: Sluice, torch and scikit-learn. See training_compare.py; the arguments are its own.
set -eu
cd "$(dirname "$0")/../.."
python=/usr/bin/python3 # Debian's, which sees Debian's packages
if ! $python -c 'import torch, sklearn' 2>/dev/null; then
    apt-get install -y -q python3-torch python3-sklearn
fi
mvn -q -pl trainer-service -am package -DskipTests
target=trainer-service/target
exec $python docs/compare/training_compare.py "$target/test-classes:$target/classes:$target/lib/*" "$@"
