#!/bin/sh
# The described system's retraining script, for crontabs that call it. Checks drift and matured predictions, retrains when the
# policy says so, and promotes only what is better. The API swaps the model without a restart.
exec npx churn-mlops retrain --refresh --if-needed "$@"
