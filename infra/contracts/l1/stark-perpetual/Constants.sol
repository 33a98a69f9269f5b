// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The field: keys, hashes and asset types are below it.
uint256 constant PRIME = 2 ** 251 + 17 * 2 ** 192 + 1;

uint256 constant POSITION_BOUND = 2 ** 64;
uint256 constant AMOUNT_BOUND = 2 ** 64;
uint256 constant ASSET_ID_BOUND = 2 ** 120;

uint256 constant CANCEL_DELAY = 2 days;
uint256 constant GRACE_PERIOD = 7 days;
uint256 constant FREEZE_PERIOD = 365 days;
uint256 constant REMOVAL_DELAY = 28 days;
uint256 constant REQUESTS_PER_BLOCK = 10;
uint256 constant MOST_VERIFIERS = 64;
